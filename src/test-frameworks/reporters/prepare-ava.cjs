/*
 * AVA takes no reporter of others: the events of a run, which its main process collects while tests run in workers, are
 * followed where they come together.
 */
'use strict'

const path = require('path')

const writer = require('./report.cjs').claim()

/** Events that fail a file as a whole. */
const breakages = [
  'uncaught-exception',
  'unhandled-rejection',
  'worker-failed',
  'missing-ava-import',
  'internal-error',
  'process-exit',
]

function messageOf(event) {
  const error = event.err || {}
  // Details come from the worker, which may send anything.
  const details = [error.values, error.formattedDetails].filter(Array.isArray).flat()
  const texts = details.map((value) => (value && (value.formatted || value[1])) || '')
  return [error.message || error.summary || event.type, error.stack || ''].concat(texts).join('\n')
}

class RunFollower {
  constructor() {
    this.pending = new Map()
    this.withTests = new Set()
    this.broken = new Set()
  }

  report(event, status, names) {
    const failed = status === 'failed' || status === 'errored'
    writer.test({
      file: event.testFile,
      path: names,
      status,
      ms: event.duration,
      message: failed ? messageOf(event) : null,
    })
  }

  settle(event, status) {
    this.pending.delete(`${event.testFile}\0${event.title}`)
    this.report(event, status, [event.title])
  }

  follow(event) {
    if (event.type === 'declared-test') this.withTests.add(event.testFile)
    else if (event.type === 'selected-test') this.select(event)
    else if (event.type === 'test-passed') this.settle(event, 'passed')
    else if (event.type === 'test-failed') this.settle(event, 'failed')
    else if (event.type === 'hook-failed') this.report(event, 'errored', [event.title])
    else if (event.type === 'timeout') this.giveUp()
    else if (breakages.includes(event.type)) this.breakOff(event)
    else if (event.type === 'worker-finished' && !this.withTests.has(event.testFile)) this.breakOff(event)
  }

  /** An exception ends its worker, which is told as well: once is enough of a file. */
  breakOff(event) {
    if (this.broken.has(event.testFile)) return
    if (event.testFile) this.broken.add(event.testFile)
    this.report(event, 'errored', event.testFile ? [] : [event.type])
  }

  select(event) {
    this.withTests.add(event.testFile)
    if (event.skip || event.todo) this.report(event, 'skipped', [event.title])
    else this.pending.set(`${event.testFile}\0${event.title}`, event)
  }

  /** Tests told to run that never come to a result. */
  giveUp() {
    for (const event of this.pending.values()) this.report(event, 'errored', [event.title])
    this.pending.clear()
  }

  /** A worker that left early, with tests still to run, is no end. */
  end() {
    const leftEarly = this.pending.size > 0
    this.giveUp()
    if (!leftEarly) writer.end()
  }
}

function followRuns(RunStatus) {
  const { emitStateChange, suggestExitCode } = RunStatus.prototype
  const follower = new RunFollower()
  RunStatus.prototype.emitStateChange = function (event) {
    follower.follow(event)
    return emitStateChange.call(this, event)
  }
  // Asked for once, when all is over.
  RunStatus.prototype.suggestExitCode = function (circumstances) {
    follower.end()
    return suggestExitCode.call(this, circumstances)
  }
}

module.exports = function prepare(given, framework, start) {
  if (writer === null) return start(given)
  const file = path.join(framework.folder, 'lib', 'run-status.js')
  if (framework.major < 4) {
    followRuns(require(file))
    return start(given)
  }
  return require('./load-module.cjs')(file).then((module) => {
    followRuns(module.default)
    start(given)
  })
}
