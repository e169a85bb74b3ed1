import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openFolderBlobs } from '../../src/blobs/folder.ts'
import { type Attempt, type ClimbServices, type Ground, repeated } from '../../src/environment/attempt.ts'
import { judge } from '../../src/environment/standing.ts'
import type { ReportedTest, RunEnding } from '../../src/model/index.ts'
import type { RunRecord } from '../../src/test-runs/types.ts'
import { memoryTree } from '../memory-tree.ts'

const paths = ['test/a.test.js']

function record(statuses: readonly ReportedTest['status'][], ended: RunEnding['ended'] = 'completed'): RunRecord {
  const tests = statuses.map((status, at) => ({
    file: paths[0] ?? null,
    path: [String(at)],
    status,
    milliseconds: null,
    message: null,
  }))
  return {
    ending: { ended, statuses: new Map() } as RunEnding,
    exitCode: 0,
    seconds: { prepare: 0, build: 0, test: 1 },
    peakMib: null,
    buildWroteOver: false,
    plans: [{ framework: 'node-test', tests, complete: true, exitCode: 0, seconds: 1 }],
    log: Buffer.from(''),
  }
}

/** An attempt whose first after-run was `first`, repeated with `again` to come next; how many runs that took. */
async function repeat(first: RunRecord, again: RunRecord) {
  let runs = 0
  const services = {
    blobs: await openFolderBlobs(mkdtempSync(join(tmpdir(), 'quarry-attempt-'))),
    runAfter: async () => {
      runs += 1
      return again
    },
  } as Partial<ClimbServices> as ClimbServices
  const standing = judge(first, paths)
  const attempt = {
    strategy: { tests: [] },
    environment: { id: 1, state: 'built', layer: 'sha256:1' },
    records: [first],
    outcome: standing.works ? 'works' : 'failed',
    evidence: standing.evidence,
    standing,
  } as unknown as Attempt
  const outcome = await repeated(services, { tests: paths, tree: memoryTree({}) } as Partial<Ground> as Ground, attempt)
  return { outcome, runs }
}

test('a test of the change that fails only now and then asks for no other environment, and both runs are kept', async () => {
  const first = record(['passed', 'failed'])
  const again = record(['passed', 'passed'])
  const { outcome } = await repeat(first, again)
  expect(outcome).toMatchObject({
    standing: { failingTouched: 0 },
    evidence: { failing_touched: 1, failing_touched_again: 0 },
  })
  expect(outcome.records).toEqual([first, again])
})

test('one that fails again leaves the attempt as it stood', async () => {
  const { outcome } = await repeat(record(['passed', 'failed']), record(['passed', 'failed']))
  expect(outcome).toMatchObject({ standing: { failingTouched: 1 }, evidence: { failing_touched_again: 1 } })
})

test('a repetition that breaks off does not count', async () => {
  const { outcome } = await repeat(record(['passed', 'failed']), record(['passed'], 'timed-out'))
  expect(outcome.records).toHaveLength(1)
  expect(outcome.standing?.failingTouched).toBe(1)
})

test.each([
  ['all its tests pass', record(['passed'])],
  ['it does not work at all', record(['failed'])],
])('nothing is run again where %s', async (_, first) => {
  expect((await repeat(first, record(['passed']))).runs).toBe(0)
})
