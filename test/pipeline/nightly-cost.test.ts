import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nightlyReports } from '../../src/db/schema.ts'
import { Fault } from '../../src/errors.ts'
import { makeLog } from '../../src/log.ts'
import type { CleanUpReport } from '../../src/pipeline/clean-up.ts'
import { runNightly } from '../../src/pipeline/nightly.ts'
import { testDatabase } from '../postgres.ts'

let database: Awaited<ReturnType<typeof testDatabase>>
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database?.close())

const cleaned: CleanUpReport = {
  ...{
    erasures: { done: 0, left: 0 },
    logs: { removed: 0 },
    servings: { removed: 0 },
    leases: { removed: 0 },
    workFolders: { removed: 0 },
  },
  archives: { removed: 1, bytes: 50_000 },
  ...{ blobs: { removed: 1, bytes: 100 }, layers: { removed: 1, bytes: 20 }, mirrors: { removed: 1, bytes: 3 } },
  packages: { bytes: 4000 },
}

/** A night of a machine without a way to GitHub. */
function night(cleanUp: () => Promise<CleanUpReport>) {
  const validated = (sandboxSeconds: number) => ({ lost: null, evidence: {}, sandboxSeconds })
  const again = [
    { task: 'a', standing: 'holds', validated: validated(2) },
    { task: 'b', standing: 'quarantined', validated: validated(4.5) },
    { task: 'c', standing: 'fault', validated: null },
  ]
  return runNightly({
    ...{ intake: null, db: database.db, queue: { add: nothing, addAll: nothing }, repository: null },
    ...{ bounds: { since: null, pulls: 1 }, log: makeLog('silent'), signal: new AbortController().signal, cleanUp },
    revalidate: () => Readable.from(again),
  })
}

const nothing = () => Promise.reject(new Error('no job is added'))

test('the stored report has what a night did, and what it cost in sandboxes, bytes and requests', async () => {
  const report = await night(async () => cleaned)
  expect(report).toMatchObject({
    revalidated: { holds: 1, quarantined: 1, faults: 1 },
    cost: { sandbox_seconds: 6.5, bytes_freed: 54_123, github: { rest: 0, graphql: 0, points: 0 } },
  })
  const [row] = await database.db.select().from(nightlyReports)
  expect(row?.report).toEqual(report)
})

test('a clean-up that fails is told, with the time that it took, and frees nothing', async () => {
  const report = await night(() => Promise.reject(new Fault('disk-full', 'no room')))
  expect(report).toMatchObject({ faults: [{ what: 'clean-up', why: 'no room' }], cost: { bytes_freed: 0 } })
  expect(report.cost.seconds['clean-up']).toBeGreaterThan(0)
  expect(report.cost.seconds.revalidation).toBeGreaterThan(0)
})
