/**
 * `node scripts/count-results.js TESTS CHECKS`: adds up vitest's JSON report and the counts of scripts/check.js, and
 * prints `N passed, N failed, N skipped`. A report that is missing, or holds a test file that broke before its first
 * test, is a failure.
 */
import { existsSync, readFileSync } from 'node:fs'

function read(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null
}

function countTests(report) {
  if (report === null || report.numTotalTests === 0) return { passed: 0, failed: 1, skipped: 0 }
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  )
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

const [testsPath = '', checksPath = ''] = process.argv.slice(2)
const tests = countTests(read(testsPath))
const checks = read(checksPath) ?? { passed: 0, failed: 1 }
const failed = tests.failed + checks.failed
process.stdout.write(`${tests.passed + checks.passed} passed, ${failed} failed, ${tests.skipped} skipped\n`)
process.exitCode = failed === 0 ? 0 : 1
