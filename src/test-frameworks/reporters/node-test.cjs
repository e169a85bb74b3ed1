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

function report(event, above) {
  const { data } = event
  if (isFile(data)) return reportFile(event)
  if (data.details?.type === 'suite') return
  writer.test({
    file: data.file ?? null,
    path: above.slice(0, data.nesting).concat(data.name),
    status: statusOf(event),
    ms: data.details?.duration_ms,
    message: messageOf(event),
  })
}

// Starts and ends come in the order of declaration, also where tests run side by side: the last start of each depth is the one above.
module.exports = async function* quarryReporter(source) {
  const names = []
  for await (const event of source) {
    if (writer === null) continue
    if (event.type === 'test:start') names.splice(event.data.nesting, names.length, event.data.name)
    if (event.type === 'test:pass' || event.type === 'test:fail') report(event, names)
  }
  // A file that left early ran none of its tests to the end: that is no complete run.
  if (writer !== null && !leftEarly) writer.end()
}
