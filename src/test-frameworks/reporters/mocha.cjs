/* Mocha's reporter: one line a test, as it ends. Works with mocha 2 and newer, in series and in parallel. */
'use strict'

var writer = require('./report.cjs').claim()

/** The suites above and the test's own name; the root suite has no title. */
function pathOf(test) {
  var names = [test.title]
  for (var suite = test.parent; suite && !suite.root; suite = suite.parent) names.unshift(suite.title)
  return names
}

function fileOf(test) {
  for (var node = test; node; node = node.parent) if (node.file) return node.file
  return null
}

function report(test, status, error) {
  writer.test({
    file: fileOf(test),
    path: pathOf(test),
    status: status,
    ms: test.duration,
    message: error ? error.stack || error.message || String(error) : null,
  })
}

module.exports = function QuarryReporter(runner) {
  if (writer === null) return
  runner.on('pass', function (test) {
    report(test, 'passed')
  })
  runner.on('pending', function (test) {
    report(test, 'skipped')
  })
  runner.on('fail', function (test, error) {
    report(test, test.type === 'hook' ? 'errored' : 'failed', error)
  })
  runner.on('end', function () {
    writer.end()
  })
}
