/* node:test's reporter: an async generator over the run's events. For Node.js 18.15 and newer. */
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const channel = require('./report.cjs')

const writer = channel.claim()

function statusOf(event) {
  // `skip` and `todo` are a reason, or an empty text.
  const { skip, todo } = event.data
  if ((skip !== undefined && skip !== false) || (todo !== undefined && todo !== false)) return 'skipped'
  return event.type === 'test:pass' ? 'passed' : 'failed'
}

function messageOf(event) {
  const error = event.data.details?.error
  return error ? String(error.cause?.stack ?? error.cause?.message ?? error.stack ?? error.message) : null
}

/** A file that crashed, or that is a plain script, stands in the report as a test named by its path. */
function isFile(data) {
  if (data.nesting !== 0) return false
  const named = path.resolve(data.name)
  return data.file ? named === data.file : path.isAbsolute(data.name) && fs.existsSync(data.name)
}

let leftEarly = false

function reportFile(event) {
  const file = path.resolve(event.data.name)
  const left = event.type === 'test:pass' && channel.earlyExits().includes(file)
  if (left) leftEarly = true
  const status = event.type === 'test:pass' && !left ? statusOf(event) : 'errored'
  const message = left ? 'The process left before its tests had ended' : messageOf(event)
  writer.test({ file, path: [], status, ms: event.data.details?.duration_ms, message })
}

/** Tests made by a helper in an installed package, until the summary of their file tells which it is. */
let homeless = []

function settle(file) {
  for (const test of homeless) writer.test({ ...test, file })
  homeless = []
}

/** True where a test only failed, or passed, by the tests inside it: those stand for it. */
function standsForOthers(event, hasInner) {
  const failure = event.data.details?.error?.failureType
  return (
    event.data.details?.type === 'suite' || (hasInner && (event.type === 'test:pass' || failure === 'subtestsFailed'))
  )
}

function report(event, above, hasInner) {
  const { data } = event
  if (isFile(data)) return reportFile(event)
  if (standsForOthers(event, hasInner)) return
  const path = above.slice(0, data.nesting).concat(data.name)
  const ms = data.details?.duration_ms
  const test = { file: data.file ?? null, path, status: statusOf(event), ms, message: messageOf(event) }
  if (test.file?.includes('/node_modules/')) homeless.push(test)
  else writer.test(test)
}

/**
 * Starts and ends come in the order of declaration, also where tests run side by side: the last start of each depth is the one
 * above, and what ended since a test's start, one deeper, is inside it.
 */
class Nesting {
  names = []
  ended = []

  start({ nesting, name }) {
    this.names.splice(nesting, this.names.length, name)
    this.ended.splice(nesting + 1)
  }

  end({ nesting }) {
    const hasInner = this.ended[nesting + 1] === true
    this.ended.splice(nesting + 1)
    this.ended[nesting] = true
    return hasInner
  }
}

module.exports = async function* quarryReporter(source) {
  if (writer === null) return
  const nesting = new Nesting()
  for await (const event of source) {
    if (event.type === 'test:start') nesting.start(event.data)
    if (event.type === 'test:pass' || event.type === 'test:fail') report(event, nesting.names, nesting.end(event.data))
    if (event.type === 'test:summary' && event.data.file) settle(event.data.file)
  }
  settle(null)
  // A file that left early ran none of its tests to the end: that is no complete run.
  if (!leftEarly) writer.end()
}
