import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq, isNotNull } from 'drizzle-orm'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { openFolderBlobs } from '../../src/blobs/folder.ts'
import { advance, candidateAt, isWithdrawn, settleRefused } from '../../src/db/candidates.ts'
import {
  attempts,
  candidates,
  deliveries,
  environments,
  erasures,
  forgottenOn,
  issues,
  machines,
  publications,
  repositories,
  runs,
  tasks,
  testNames,
} from '../../src/db/schema.ts'
import { erasePull, eraseRepository, privatized, sweepErasures } from '../../src/erasure/erase.ts'
import { machinesThatOwe, pendingErasures } from '../../src/erasure/machines.ts'
import { retireTasks } from '../../src/erasure/retire.ts'
import { forgottenPulls, forgottenSince, liftErasure } from '../../src/erasure/standing.ts'
import { makeLog } from '../../src/log.ts'
import { refuse } from '../../src/model/index.ts'
import { type Disk, forgetOnDisk } from '../../src/pipeline/forget-on-disk.ts'
import { machineId } from '../../src/pipeline/machine-id.ts'
import { addNextWith, type Jobs, jobNames } from '../../src/pipeline.ts'
import { publishStage } from '../../src/publish/stage.ts'
import { findTask, isErased } from '../../src/query/tasks.ts'
import { createQueue } from '../../src/queue/queue.ts'
import { saveRun } from '../../src/test-runs/run-store.ts'
import type { RunRecord } from '../../src/test-runs/types.ts'
import { addCandidate, addParts, addRepository, addTask, strategy } from '../filled-database.ts'
import { testDatabase } from '../postgres.ts'
import { foundTasks, lastSequence } from '../query/found.ts'
import { emptyMirror, treeOf } from '../snapshot/sample.ts'

const database = await testDatabase()
const { db } = database
const folder = await mkdtemp(join(tmpdir(), 'quarry-erase-'))
const blobs = await openFolderBlobs(join(folder, 'blobs'))
const mirror = await emptyMirror(afterAll)
afterAll(async () => {
  await database.close()
  await rm(folder, { recursive: true, force: true })
})

let made = 0
let repositoryId: number
beforeEach(async () => {
  made += 1
  repositoryId = await addRepository(db, `acme/erased-${made}`)
})

const record = (log: string): RunRecord => ({
  ending: { ended: 'completed', statuses: new Map([['names itself', 'passed']]) },
  plans: [],
  buildWroteOver: false,
  exitCode: 0,
  seconds: { prepare: 0, build: 0, test: 1 },
  peakMib: null,
  log: Buffer.from(log),
})
const run = (candidateId: number, attemptId: number) =>
  saveRun(db, blobs, { candidateId, attemptId, state: 'after', part: 'suite', ordinal: 0 }, record(`log ${made}`), 1)
const eventsOf = async (taskId: number) =>
  (await db.select().from(publications).where(eq(publications.taskId, taskId))).map(({ event, detail }) => [
    event,
    detail,
  ])

describe('retired tasks', () => {
  test('stay in every set as of before, leave those after, and tell why, once', async () => {
    const [first, second] = [await addTask(db, repositoryId, 1), await addTask(db, repositoryId, 2)]
    const repository = `acme/erased-${made}`
    const then = await lastSequence(db)
    expect(await retireTasks(db, { repositoryId, pull: 1 }, 'opted-out')).toBe(1)
    expect(await retireTasks(db, { tasks: [first] }, 'uninstalled')).toBe(0)
    expect(await eventsOf(first)).toEqual([
      ['published', null],
      ['retired', 'opted-out'],
    ])
    expect((await foundTasks(db, { repository })).map(({ id }) => id)).toEqual([second])
    expect((await foundTasks(db, { repository, as_of: then })).map(({ id }) => id)).toEqual([first, second])
    expect(await findTask(db, `acme__erased-${made}-1`, { owners: null })).toMatchObject({ state: 'retired' })
  })
})

describe('an erased repository', () => {
  test('leaves tombstones and a ledger of numbers; erasing it again changes nothing', async () => {
    const task = await addTask(db, repositoryId, 1)
    const name = `acme__erased-${made}-1`
    const then = await lastSequence(db)
    await eraseRepository(db, repositoryId, 'repository-deleted')
    const [row] = await db.select().from(tasks).where(eq(tasks.id, task))
    expect(row).toMatchObject({
      name,
      state: 'retired',
      statement: { title: '', issue: '', hints: '' },
      failToPass: [],
    })
    expect([row?.snapshotId, row?.attemptId, row?.environmentId]).toEqual([null, null, null])
    expect([
      await findTask(db, name, { owners: null }),
      await isErased(db, name, { owners: null }),
      await isErased(db, `${name}@2`, { owners: null }),
    ]).toEqual([null, true, false])
    expect((await foundTasks(db, { as_of: then, repository: `acme/erased-${made}` })).map((one) => one.name)).toEqual([
      name,
    ])
    const ledger = await db.select().from(candidates).where(eq(candidates.repositoryId, repositoryId))
    await eraseRepository(db, repositoryId, 'forgotten')
    expect(await db.select().from(candidates).where(eq(candidates.repositoryId, repositoryId))).toEqual(ledger)
    expect(await eventsOf(task)).toHaveLength(2)
    expect(await forgottenSince(db, repositoryId)).not.toBeNull()
  })

  test('keeps its rows where its owner consents to private mining', async () => {
    const task = await addTask(db, repositoryId, 1)
    expect(await privatized(db, repositoryId, true)).toBeNull()
    expect(await eventsOf(task)).toHaveLength(1)
    expect(await privatized(db, repositoryId, false)).toMatchObject({ retired: 1 })
  })

  test('shares an environment with another: that stays, without what the install of this one printed', async () => {
    const mine = await addCandidate(db, repositoryId, 1)
    const { environmentId } = await addParts(db, mine, `shared ${made}`)
    const log = (await blobs.put(Buffer.from('printed'))).digest
    await db.update(environments).set({ repositoryId, log }).where(eq(environments.id, environmentId))
    const other = await addCandidate(db, await addRepository(db, `acme/sharing-${made}`), 1)
    await db
      .insert(attempts)
      .values({ candidateId: other, position: 0, environmentId, strategy, outcome: 'works', evidence: {} })
    await eraseRepository(db, repositoryId, 'forgotten')
    const [left] = await db.select().from(environments).where(eq(environments.id, environmentId))
    expect(left).toMatchObject({ layer: `sha256:shared ${made}`, log: null, repositoryId: null })
    await forgetOnDisk({ home: join(folder, 'shared'), db, blobs })
    expect(await blobs.has(log)).toBe(false)
  })

  test('loses its jobs, and what their failures quoted', async () => {
    const queue = await createQueue<Jobs>(database, jobNames, { log: makeLog('silent') })
    const id = await addCandidate(db, repositoryId, 1, { state: 'proposed', stage: 'snapshot' })
    await db.transaction(async (tx) => {
      const [candidate] = await tx.select().from(candidates).where(eq(candidates.id, id))
      if (candidate !== undefined) await addNextWith(queue, 0)(tx, 'snapshot', candidate)
      await tx.execute(`update pgboss.job set output = '{"message":"quoted"}' where singleton_key = 'candidate:${id}'`)
    })
    await eraseRepository(db, repositoryId, 'forgotten')
    const { rows } = await db.execute(`select state, output from pgboss.job where singleton_key = 'candidate:${id}'`)
    expect(rows).toEqual([{ state: 'cancelled', output: null }])
    await queue.stop()
  })

  test('loses what deliveries said that nobody could work on', async () => {
    const forgeId = String(repositoryId + 5_000_000)
    await db.update(repositories).set({ forgeId }).where(eq(repositories.id, repositoryId))
    const said = {
      event: 'pull_request',
      installation: '0',
      state: 'waiting',
      payload: Buffer.from('{"issue":{"body":"secret"}}'),
    } as const
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3600_000)
    await db.insert(deliveries).values([
      { ...said, guid: `parked-${forgeId}`, repository: forgeId, receivedAt: hoursAgo(2) },
      { ...said, guid: `new-${forgeId}`, repository: forgeId, receivedAt: hoursAgo(0) },
      { ...said, guid: `other-${forgeId}`, repository: 'another', receivedAt: hoursAgo(2) },
      { ...said, guid: `theirs-${forgeId}`, installation: '7', repository: forgeId, receivedAt: hoursAgo(2) },
    ])
    await eraseRepository(db, repositoryId, 'forgotten')
    const kept = await db.select().from(deliveries).where(isNotNull(deliveries.payload))
    expect(kept.map(({ guid }) => guid).filter((guid) => guid.endsWith(forgeId))).toEqual([
      `new-${forgeId}`,
      `other-${forgeId}`,
      `theirs-${forgeId}`,
    ])
  })

  test('that was opted out before, and is then asked to be forgotten, is forgotten', async () => {
    await addTask(db, repositoryId, 1)
    await erasePull(db, repositoryId, 1, 'opted-out')
    await erasePull(db, repositoryId, 1, 'forgotten')
    await erasePull(db, repositoryId, 1, 'opted-out')
    const [standing] = await db.select().from(erasures).where(eq(erasures.repositoryId, repositoryId))
    expect(standing).toMatchObject({ pull: 1, reason: 'forgotten' })
  })

  test('that came back behind the erasure goes with the next sweep', async () => {
    await addTask(db, repositoryId, 1)
    await eraseRepository(db, repositoryId, 'forgotten')
    await db.insert(issues).values({ repositoryId, number: 1, createdAt: new Date() })
    await sweepErasures(db)
    expect(await db.$count(issues, eq(issues.repositoryId, repositoryId))).toBe(0)
  })
})

describe('a stage that runs while its candidate is erased', () => {
  test('does not publish, and leaves no tree pinned', async () => {
    const id = await addCandidate(db, repositoryId, 1, { state: 'proposed', stage: 'publish' })
    const tree = await treeOf(mirror, { 'a.js': `${made}\n` })
    const trees = { baseTree: tree, beforeTree: tree, afterTree: tree }
    const { attemptId } = await addParts(db, id, `publishing ${made}`, trees)
    await run(id, attemptId)
    const publishing = publishStage(
      {
        db,
        coresPerRun: 1,
        withMirror: async (_, work) => {
          await eraseRepository(db, repositoryId, 'forgotten')
          return work(mirror)
        },
      },
      id,
    )
    await expect(publishing).rejects.toThrow()
    expect(await isWithdrawn(db, id)).toBe(true)
    expect(await mirror.text(['for-each-ref', `refs/quarry/snapshots/${id}`])).toBe('')
    expect(await db.$count(tasks, eq(tasks.repositoryId, repositoryId))).toBe(0)
  })

  test('stores no run and no names, and moves nothing on', async () => {
    const id = await addCandidate(db, repositoryId, 1, { state: 'proposed', stage: 'validators' })
    const { attemptId } = await addParts(db, id, `running ${made}`)
    const context = await candidateAt(db, id, 'validators')
    if (context === null) throw new Error('no candidate')
    await erasePull(db, repositoryId, 1, 'forgotten')
    await forgetOnDisk({ home: join(folder, 'running'), db, blobs })
    const names = await db.$count(testNames)
    await expect(run(id, attemptId)).rejects.toMatchObject({ kind: 'withdrawn' })
    let wrote = false
    const write = async () => {
      wrote = true
    }
    await advance(db, context, { from: 'validators', to: 'publish', seconds: 1, write }, write)
    await settleRefused(db, context, 'validators', refuse('flaky', {}), 1, write)
    expect(wrote).toBe(false)
    expect([await db.$count(runs, eq(runs.candidateId, id)), await db.$count(testNames)]).toEqual([0, names])
    expect(await candidateAt(db, id, 'validators')).toBeNull()
  })
})

describe('every machine', () => {
  const machine = async (name: string): Promise<Disk & { readonly id: string }> => {
    const home = join(folder, `${name}-${made}`)
    await mkdir(join(home, 'mirrors', `${repositoryId}.git`), { recursive: true })
    await writeFile(join(home, 'mirrors', `${repositoryId}.git`, 'HEAD'), '')
    const disk = { home, db, blobs, id: await machineId(home) }
    await db.insert(machines).values({ id: disk.id, host: name }).onConflictDoNothing()
    return disk
  }

  test('forgets at its own time; the erasure is complete when all did, also after a kill in between', async () => {
    const [one, two] = [await machine('one'), await machine('two')]
    const { erasure } = await eraseRepository(db, repositoryId, 'forgotten')
    const owing = async () => (await machinesThatOwe(db, erasure.id)).map(({ id }) => id)
    await forgetOnDisk(one)
    expect(await owing()).toContain(two.id)
    expect(await owing()).not.toContain(one.id)
    expect(await readdir(join(one.home, 'mirrors'))).toEqual([])
    // As a kill leaves it: set aside, not yet removed.
    await mkdir(join(two.home, 'mirrors', `.gone-${repositoryId}-x`))
    expect((await pendingErasures(db, two.id)).map(({ id }) => id)).toContain(erasure.id)
    await Promise.all([forgetOnDisk(two), forgetOnDisk(two)])
    expect(await owing()).not.toContain(two.id)
    expect(await readdir(join(two.home, 'mirrors'))).toEqual([])
    expect(await db.$count(forgottenOn, eq(forgottenOn.erasureId, erasure.id))).toBe(2)
  })
})

test('a lifted pull begins afresh; its tombstone stays, and so does a neighbour that was forgotten by itself', async () => {
  const task = await addTask(db, repositoryId, 1)
  await addTask(db, repositoryId, 2)
  await erasePull(db, repositoryId, 2, 'forgotten')
  await eraseRepository(db, repositoryId, 'forgotten')
  expect(await liftErasure(db, { repositoryId, pull: null })).toHaveLength(1)
  expect(await liftErasure(db, { repositoryId, pull: null })).toEqual([])
  expect([...(await forgottenPulls(db, repositoryId))]).toEqual([2])
  expect(await forgottenSince(db, repositoryId)).toBeNull()
  expect(await db.$count(candidates, eq(candidates.repositoryId, repositoryId))).toBe(1)
  expect(await eventsOf(task)).toHaveLength(2)
  await addCandidate(db, repositoryId, 1)
})
