import { expect, test } from 'vitest'
import { runAndCompare } from '../../src/grade/run-and-compare.ts'
import type { TestId, TestStatus } from '../../src/model/index.ts'
import type { RunRecord } from '../../src/test-runs/types.ts'

const task = { failToPass: ['mends'], passToPass: ['stays'], snapshot: { afterTree: 'after' } }
const record = (ending: RunRecord['ending']): RunRecord => ({
  ending,
  ...{ exitCode: 0, seconds: { prepare: 0, build: 0, test: 1 }, peakMib: null, buildWroteOver: false },
  ...{ plans: [], log: Buffer.from('') },
})
const statuses = (stays: TestStatus) =>
  new Map<TestId, TestStatus>([
    ...([
      ['mends', 'passed'],
      ['stays', stays],
    ] as const),
  ])

test.each([
  ['excuses a PASS_TO_PASS test that passes in it', { ended: 'completed', statuses: statuses('passed') }, 'resolved'],
  [
    'excuses nothing where it was stopped',
    { ended: 'timed-out', afterSeconds: 60, statuses: statuses('passed') },
    'unresolved',
  ],
] as const)('a second run %s', async (_, second, verdict) => {
  const endings = [{ ended: 'completed', statuses: statuses('failed') } as const, second]
  const held = {
    ...{ strategy: {} as never, folders: { snapshot: '', layers: [] } },
    run: async () => record(endings.shift() ?? expect.fail()),
  }
  expect((await runAndCompare(task, held, 'tree')).verdict).toBe(verdict)
})
