import { describe, expect, test } from 'vitest'
import { judge } from '../../src/environment/standing.ts'
import type { ReportedTest, RunEnding } from '../../src/model/index.ts'
import type { RunRecord } from '../../src/test-runs/types.ts'

const reported = (status: ReportedTest['status'], file: string | null = 'test/a.test.js'): ReportedTest => ({
  file,
  path: [status],
  status,
  milliseconds: null,
  message: null,
})

function record(
  tests: readonly ReportedTest[],
  ended: RunEnding['ended'] = 'completed',
  log = '',
  complete = true,
): RunRecord {
  return {
    ending: { ended, statuses: new Map() } as RunEnding,
    exitCode: 0,
    seconds: { prepare: 0, build: 0, test: 1 },
    peakMib: null,
    buildWroteOver: false,
    plans: [{ framework: 'node-test', tests, complete, exitCode: 0, seconds: 1 }],
    log: Buffer.from(log),
  }
}
const touched = ['test/a.test.js']

test.each([
  [
    'needs-service',
    'psycopg2.OperationalError: connection to server at "localhost", port 5432 failed: Connection refused',
  ],
  ['needs-service', 'redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. Connection refused.'],
  ['needs-service', 'dial tcp 127.0.0.1:3306: connect: connection refused'],
  [
    'needs-service',
    'called `Result::unwrap()` on an `Err` value: Os { code: 111, kind: ConnectionRefused, message: "Connection refused" }',
  ],
  ['needs-service', 'java.net.ConnectException: Connection refused (Connection refused)'],
  [
    'needs-service',
    'IllegalStateException: Could not find a valid Docker environment. Please see logs and check configuration',
  ],
  [
    'needs-service',
    'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
  ],
  ['needs-network', 'dial tcp: lookup api.example: no such host'],
  ['needs-network', 'java.net.UnknownHostException: api.example'],
  ['needs-network', 'failed to lookup address information: Temporary failure in name resolution'],
])('what tests could not reach is told with the line that says so: %s, %s', (reason, line) => {
  const failing = { ...reported('failed'), message: `it broke\n  ${line}\n  at the third line` }
  expect(judge(record([failing]), [])).toMatchObject({ works: false, reason, evidence: { detail: line } })
  expect(judge(record([failing, reported('passed')]), [])).toMatchObject({ works: true })
})

describe('a strategy works', () => {
  test.each<[string, RunRecord, number]>([
    ['where tests pass', record([reported('passed')]), 0],
    ['where others fail after the fix, too', record([reported('passed'), reported('failed'), reported('errored')]), 2],
    [
      'where only files that were not touched fail',
      record([reported('passed'), reported('failed', 'test/b.test.js')]),
      0,
    ],
    ['where every plan that reported came to its end', record([reported('passed')], 'no-report'), 0],
  ])('%s', (_, run, failingTouched) => {
    expect(judge(run, touched)).toMatchObject({ works: true, failingTouched })
  })
})

describe('a strategy does not work', () => {
  test.each<[string, RunRecord, string]>([
    ['nothing passes', record([reported('failed')]), 'tests-do-not-run-after'],
    ['nothing ran', record([]), 'tests-do-not-run-after'],
    ['a report breaks off', record([reported('passed')], 'no-report', '', false), 'tests-do-not-run-after'],
    ['the time is over', record([reported('passed')], 'timed-out'), 'timed-out'],
    ['the memory is', record([reported('passed')], 'out-of-memory'), 'out-of-memory'],
    ['the build fails', record([], 'build-failed'), 'build-failed'],
    [
      'a server of this machine is asked for',
      record([], 'completed', 'connect ECONNREFUSED 127.0.0.1:5432'),
      'needs-service',
    ],
    ['the network is asked for', record([], 'completed', 'getaddrinfo EAI_AGAIN api.example'), 'needs-network'],
  ])('where %s', (_, run, reason) => {
    expect(judge(run, touched)).toMatchObject({ works: false, reason })
  })

  test('a log that speaks of the network is no reason where tests pass', () => {
    expect(judge(record([reported('passed')], 'completed', 'ENOTFOUND'), touched).works).toBe(true)
  })
})

test('a submodule that tests wanted something of is named with the line that says so', () => {
  const line = "E   FileNotFoundError: [Errno 2] No such file or directory: '/testbed/tests/toml-test/tests'"
  const { reason, evidence } = judge(record([], 'nothing-ran', `first\n${line}\n`), [], ['other', 'tests/toml-test'])
  expect([reason, evidence.detail]).toEqual([
    'tests-do-not-run-after',
    `submodule tests/toml-test, which is not part of the repository: ${line}`,
  ])
  const others = [
    'tests/toml-test-2/x',
    'File "/usr/lib/python3/x.py"',
    'node_modules/x/lib/y.js',
    '$ pytest lib   (in .)',
  ]
  for (const text of others)
    expect(judge(record([], 'nothing-ran', text), [], ['tests/toml-test', 'lib']).missingSubmodule).toBeNull()
  for (const text of ["open('lib/x')", 'no ./lib/x', '../lib is empty'])
    expect(judge(record([], 'nothing-ran', text), [], ['lib']).missingSubmodule).toBe('lib')
})

test('examples in documentation say nothing of an environment: they pass where no test compiles', () => {
  const example = (status: ReportedTest['status']) => ({ ...reported(status, 'src/lib.rs'), path: ['doctest total'] })
  expect(judge(record([example('passed'), reported('errored')]), touched)).toMatchObject({ works: false })
  const failing = [example('failed'), reported('passed', 'src/lib.rs')]
  expect(judge(record(failing), ['src/lib.rs'])).toMatchObject({ works: true, failingTouched: 0 })
})
