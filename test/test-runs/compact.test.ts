import { expect, test } from 'vitest'
import type { TestStatus } from '../../src/model/index.ts'
import { compactStatuses, expandStatuses } from '../../src/test-runs/compact.ts'

const kinds: readonly TestStatus[] = ['passed', 'failed', 'skipped', 'errored']

test('statuses come back as they were, whatever the names hold', () => {
  const statuses = new Map(
    ['a\nb', 'ü > "x"', '', 'z'.repeat(5000)].map((name, at) => [name, kinds[at % 4] ?? 'passed'] as const),
  )
  const compact = compactStatuses(statuses)
  expect(expandStatuses(compact.names, compact.statuses)).toEqual(
    new Map([...statuses].sort(([a], [b]) => (a < b ? -1 : 1))),
  )
})

test('six runs of 20,000 tests take less than 100 KiB, and share their names', () => {
  const runs = Array.from({ length: 6 }, (_, at) =>
    compactStatuses(
      new Map(
        Array.from(
          { length: 20_000 },
          (_, number) =>
            [
              `test/file-${number % 200}.test.ts > suite > case ${number}`,
              number % 97 === at ? 'failed' : 'passed',
            ] as const,
        ),
      ),
    ),
  )
  expect(new Set(runs.map(({ digest }) => digest)).size).toBe(1)
  const bytes = (runs[0]?.names.length ?? 0) + runs.reduce((sum, { statuses }) => sum + statuses.length, 0)
  expect(bytes).toBeLessThan(100 * 1024)
})
