import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openFolderBlobs } from '../../src/blobs/folder.ts'
import type { Mirror } from '../../src/git/index.ts'
import type { RunEnding } from '../../src/model/index.ts'
import { publishStage } from '../../src/publish/stage.ts'
import { findTask } from '../../src/query/tasks.ts'
import { saveRun } from '../../src/test-runs/run-store.ts'
import { addCandidate, addParts, addRepository } from '../filled-database.ts'
import { testDatabase } from '../postgres.ts'
import { foundTasks } from '../query/found.ts'
import { emptyMirror, scratch, treeOf } from '../snapshot/sample.ts'

let database: Awaited<ReturnType<typeof testDatabase>>
let mirror: Mirror
let folder: string
let repositoryId: number

beforeAll(async () => {
  database = await testDatabase()
  mirror = await emptyMirror(afterAll)
  folder = await scratch(afterAll)
  repositoryId = await addRepository(database.db)
})
afterAll(async () => {
  await database?.close()
  await rm(folder, { recursive: true, force: true })
})

/** A candidate that came through validation: trees in the mirror, runs in the database. */
async function makeAccepted(number: number, revision = 1): Promise<number> {
  const { db } = database
  const candidateId = await addCandidate(db, repositoryId, number, { revision, state: 'proposed', stage: 'publish' })
  const tree = await treeOf(mirror, { 'a.js': `export const number = ${number}\n` })
  const trees = { baseTree: tree, beforeTree: tree, afterTree: tree }
  const { attemptId } = await addParts(db, candidateId, `${number}@${revision}`, trees)
  const blobs = await openFolderBlobs(join(folder, 'blobs'))
  for (const state of ['before', 'after'] as const) {
    const mended = state === 'after' ? 'passed' : 'failed'
    const ending: RunEnding = {
      ended: 'completed',
      statuses: new Map([
        ['new', mended],
        ['old', 'passed'],
      ]),
    }
    const seconds = { prepare: 0, build: 0, test: 1.5 }
    const record = {
      ending,
      exitCode: 0,
      seconds,
      peakMib: null,
      buildWroteOver: false,
      plans: [],
      log: Buffer.from(''),
    }
    await saveRun(db, blobs, { candidateId, attemptId, state, part: 'suite', ordinal: 0 }, record, 1)
  }
  return candidateId
}

const publish = (candidateId: number) =>
  publishStage({ db: database.db, coresPerRun: 1, withMirror: (_, work) => work(mirror) }, candidateId)

test('publications at the same time get successive numbers, and none is seen before a smaller one', async () => {
  const candidates: number[] = []
  for (let number = 1; number <= 6; number += 1) candidates.push(await makeAccepted(number))
  let running = true
  const seen: number[][] = []
  const watch = async () => {
    while (running) seen.push((await foundTasks(database.db, {})).map(({ sequence }) => sequence))
  }
  const watching = watch()
  try {
    await Promise.all(candidates.map(publish))
  } finally {
    running = false
    await watching
  }
  const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1)
  for (const sequences of seen) expect(sequences).toEqual(upTo(sequences.length))
  expect((await foundTasks(database.db, {})).map(({ sequence }) => sequence)).toEqual(upTo(6))
})

test('a task holds the lists of its runs, and a job delivered twice publishes once', async () => {
  const candidate = await makeAccepted(20)
  await Promise.all([publish(candidate), publish(candidate)])
  await publish(candidate)
  const found = await foundTasks(database.db, {})
  expect(found.filter(({ name }) => name === 'acme__shop-20')).toHaveLength(1)
  expect(await findTask(database.db, 'acme__shop-20', { owners: null })).toMatchObject({
    failToPass: ['new'],
    passToPass: ['old'],
    beforeStatuses: { new: 'failed' },
    afterSeconds: 1.5,
    revision: 1,
  })
})

test('the same pull mined again is the next revision', async () => {
  await publish(await makeAccepted(30))
  await publish(await makeAccepted(30, 2))
  expect(await findTask(database.db, 'acme__shop-30', { owners: null })).toMatchObject({ revision: 2 })
  expect((await foundTasks(database.db, {})).filter(({ name }) => name === 'acme__shop-30')).toHaveLength(1)
})
