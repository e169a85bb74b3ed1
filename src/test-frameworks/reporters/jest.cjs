/* Jest's reporter: runs in the main process, while tests run in workers or in contexts of their own. */
'use strict'

const writer = require('./report.cjs').claim()

const statuses = {
  passed: 'passed',
  failed: 'failed',
  pending: 'skipped',
  skipped: 'skipped',
  todo: 'skipped',
  disabled: 'skipped',
}

function reportFile(result) {
  for (const test of result.testResults) {
    writer.test({
      file: result.testFilePath,
      path: test.ancestorTitles.concat(test.title),
      status: statuses[test.status] || 'errored',
      ms: test.duration,
      message: test.failureMessages.join('\n'),
    })
  }
  // A file that does not load, or whose worker died, has no test of its own to say so.
  const broken = result.testExecError || (result.testResults.length === 0 && result.failureMessage)
  if (broken) {
    const message = result.failureMessage || broken.stack || broken.message
    writer.test({ file: result.testFilePath, path: [], status: 'errored', ms: null, message })
  }
}

module.exports = class QuarryReporter {
  onTestResult(_test, result) {
    if (writer !== null) reportFile(result)
  }

  onRunComplete(_contexts, results) {
    // An interrupted run is no end: its remaining files never ran.
    if (writer !== null && !results.wasInterrupted) writer.end()
  }

  getLastError() {}
}
