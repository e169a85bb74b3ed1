import { createHash } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { attempts, environments, runs, snapshots, tasks, testNames, verdicts } from '../../src/db/schema.ts'
import { certificateOf } from '../../src/publish/certificate.ts'
import { contentHash, environmentDigest } from '../../src/publish/content-hash.ts'
import { compactNames, compactStatuses } from '../../src/test-runs/compact.ts'
import { addRepository, addTask } from '../filled-database.ts'
import { testDatabase } from '../postgres.ts'

let database: Awaited<ReturnType<typeof testDatabase>>
let id: number
beforeAll(async () => {
  database = await testDatabase()
  id = await addCertified()
})
afterAll(() => database?.close())

/** Names that sort one way by code points, and another by UTF-16 code units. */
const passToPass = ['test/a.js > ﬀ', 'test/a.js > 😀', 'test/a.js > "quoted" \\ \u0007']
const failToPass = ['test/a.js > rounds ½ up']

async function addCertified(): Promise<number> {
  const { db } = database
  const added = await addTask(db, await addRepository(db), 1, {
    failToPass,
    passToPass: compactNames(passToPass),
    statement: { title: 'Ünïcode\u2028', issue: 'It breaks\n\t"here"', hints: '' },
    flaky: ['test/a.js > sometimes'],
  })
  const [task] = await db.select().from(tasks).where(eq(tasks.id, added))
  const [snapshot] = await db
    .select()
    .from(snapshots)
    .where(eq(snapshots.id, task?.snapshotId ?? 0))
  const [attempt] = await db
    .select()
    .from(attempts)
    .where(eq(attempts.id, task?.attemptId ?? 0))
  const [environment] = await db
    .select()
    .from(environments)
    .where(eq(environments.id, task?.environmentId ?? 0))
  if (!task || !snapshot || !attempt || !environment) throw new Error('the task is not whole')
  const digest = environmentDigest({ layer: environment.layer, root: environment.root, strategy: attempt.strategy })
  const hash = contentHash({ ...snapshot, statement: task.statement, failToPass, passToPass, environment: digest })
  await db.update(tasks).set({ contentHash: hash }).where(eq(tasks.id, added))
  const candidateId = task.candidateId ?? 0
  const after = compactStatuses(
    new Map([
      ['test/a.js > z', 'passed'],
      ['test/a.js > é', 'failed'],
    ]),
  )
  await db.insert(testNames).values({ digest: after.digest, count: after.count, names: after.names })
  const run = { candidateId, attemptId: attempt.id, part: 'suite', ended: 'completed', exitCode: 1, cores: 2 } as const
  const rest = {
    seconds: { test: 1.5 },
    peakMib: 120,
    planFiles: [],
    namesDigest: after.digest,
    statuses: after.statuses,
  }
  await db.insert(runs).values([
    { ...run, ...rest, state: 'before', ordinal: 0 },
    { ...run, ...rest, state: 'after', ordinal: 0 },
  ])
  await db.insert(verdicts).values({
    candidateId,
    validator: 'deterministic',
    verdict: 'accepted',
    evidence: { flaky: ['test/a.js > sometimes'] },
  })
  return added
}

test('tells every run and verdict, and hides what names tests from who may not see them', async () => {
  const open = await certificateOf(database.db, id, { withTests: true })
  expect(open?.runs).toMatchObject([
    { state: 'before', part: 'suite', ordinal: 0, ended: 'completed', seconds: { test: 1.5 }, peak_mib: 120 },
    { state: 'after', tests: { passed: 1, failed: 1, skipped: 0, errored: 0 } },
  ])
  expect(open?.verdicts).toMatchObject([{ validator: 'deterministic', evidence: { flaky: ['test/a.js > sometimes'] } }])
  const closed = await certificateOf(database.db, id, { withTests: false })
  expect(closed?.runs).toEqual(open?.runs)
  expect(closed?.content).toMatchObject({ failToPass: null, passToPass: null })
  expect(JSON.stringify(closed)).not.toContain('test/a.js')
})

/** As docs/api.md tells it; nothing of Quarry is in it. RFC 8785, for what has no fractions. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  // The default order of sort is that of UTF-16 code units.
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`
}
const digestOf = (value: unknown) => `sha256:${createHash('sha256').update(canonical(value)).digest('hex')}`

test('its hash is recomputed by a reader who has nothing but the certificate', async () => {
  const certificate = JSON.parse(JSON.stringify(await certificateOf(database.db, id, { withTests: true })))
  const { layer, root, strategy } = certificate.environment
  expect(digestOf({ layer, root, strategy })).toBe(certificate.content.environment)
  expect(digestOf(certificate.content)).toBe(certificate.content_hash)
})

test('of a task that is not there there is none', async () => {
  expect(await certificateOf(database.db, id + 1000, { withTests: true })).toBeNull()
})
