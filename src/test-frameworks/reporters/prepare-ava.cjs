/*
 * AVA takes no reporter of others: its TAP reporter, which runs in the main process while tests run in workers, is made
 * to tell of each event of the run as well.
 */
'use strict'

const fs = require('fs')
const path = require('path')

const writer = require('./report.cjs').claim()

/** Events that fail a file as a whole. */
const breakages = ['uncaught-exception', 'unhandled-rejection', 'worker-failed', 'missing-ava-import', 'internal-error', 'process-exit']

function messageOf(event) {
  const error = event.err || {}
  return [error.message || error.summary || event.type, error.stack || '']
    .concat((error.values || error.formattedDetails || []).map((value) => value.formatted || value[1] || ''))
    .join('\n')
}

class RunFollower {
  constructor() {
    this.pending = new Map()
    this.withTests = new Set()
  }

  report(event, status, names) {
    const failed = status === 'failed' || status === 'errored'
    writer.test({ file: event.testFile, path: names, status, ms: event.duration, message: failed ? messageOf(event) : null })
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
    else if (breakages.includes(event.type)) this.report(event, 'errored', event.testFile ? [] : [event.type])
    else if (event.type === 'worker-finished' && !this.withTests.has(event.testFile)) this.report(event, 'errored', [])
  }

  select(event) {
    this.withTests.add(event.testFile)
    if (event.skip || event.todo) this.report(event, 'skipped', [event.title])
    else this.pending.set(`${event.testFile}\0${event.title}`, event)
  }

  /** Tests told to run that never came to a result: their worker left early, or time was up. */
  end() {
    for (const event of this.pending.values()) this.report(event, 'errored', [event.title])
    writer.end()
  }
}

function followRuns(TapReporter) {
  const { startRun, endRun } = TapReporter.prototype
  const follower = new RunFollower()
  TapReporter.prototype.startRun = function (plan) {
    plan.status.on('stateChange', (event) => follower.follow(event))
    return startRun.call(this, plan)
  }
  TapReporter.prototype.endRun = function () {
    follower.end()
    return endRun.call(this)
  }
}

module.exports = function prepare(given, framework, start) {
  const file = path.join(framework.folder, 'lib', 'reporters', 'tap.js')
  const adjusted = given.concat('--tap')
  if (writer === null || !fs.existsSync(file)) return start(adjusted)
  if (framework.major < 4) {
    followRuns(require(file))
    return start(adjusted)
  }
  return require('./load-module.cjs')(file).then((module) => {
    followRuns(module.default)
    start(adjusted)
  })
}
