import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq, sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { githubApp } from '../../src/apps/github-app/app.ts'
import { openDoor } from '../../src/apps/github-app/door.ts'
import { readConfig } from '../../src/config.ts'
import { candidates, erasures, publications, pulls, snapshots, tasks } from '../../src/db/schema.ts'
import { makeLog } from '../../src/log.ts'
import { backfillRepository } from '../../src/pipeline/github/backfill.ts'
import { makeEvents } from '../../src/pipeline/github/events.ts'
import { takeInPull } from '../../src/pipeline/github/pull.ts'
import { reconcileRepository } from '../../src/pipeline/github/reconcile.ts'
import { settingsChanged } from '../../src/pipeline/github/settings-job.ts'
import { type Jobs, jobNames } from '../../src/pipeline.ts'
import { createQueue } from '../../src/queue/queue.ts'
import type { Queue } from '../../src/queue/types.ts'
import { appVariables } from '../end-to-end/github-sample.ts'
import { addParts } from '../filled-database.ts'
import type { TestRepository } from '../git/repository.ts'
import type { GitHubServer, Repository } from '../github/index.ts'
import { type GitHubScene, openGitHubScene } from './github-scene.ts'
import { type OpenIntake, openIntake } from './intake-on.ts'

/** What becomes of pulls that are known already when they, or what is said of them, change on GitHub. */
const log = makeLog('silent')
const home = mkdtempSync(join(tmpdir(), 'quarry-changes-'))
let scene: GitHubScene
let database: GitHubScene['database']
let github: GitHubServer
let git: TestRepository
let repository: Repository
let opened: OpenIntake
let queue: Queue<Jobs>
let id: number

beforeEach(async () => {
  scene = await openGitHubScene()
  ;({ database, github, git, repository } = scene)
  queue = await createQueue<Jobs>(database, jobNames, { log })
  opened = openIntake(github, database.db)
  id = await opened.store(repository)
})
afterEach(async () => {
  await queue.stop()
  await opened.close()
  await scene.close()
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const merge = (...given: Parameters<GitHubScene['merge']>) => scene.merge(...given)
const say = (...given: Parameters<GitHubScene['say']>) => scene.say(...given)
const states = () => scene.states()
const backfill = () => backfillRepository(opened.intake, id, { since: null, pulls: 100 })

async function candidateOf(number: number): Promise<number> {
  const [row] = await database.db
    .select({ id: candidates.id })
    .from(candidates)
    .innerJoin(pulls, eq(pulls.id, candidates.pullId))
    .where(eq(pulls.number, number))
  return row?.id ?? 0
}

/** Makes a task of a pull, as the later stages would. */
async function vet(number: number): Promise<void> {
  const { db } = database
  const candidateId = await candidateOf(number)
  const parts = await addParts(db, candidateId, `key-${number}`)
  await db.update(candidates).set({ state: 'vetted', stage: 'publish' }).where(eq(candidates.id, candidateId))
  await db.execute(
    sql`insert into publication_counter (one, last) values (true, 1) on conflict (one) do update set last = 1`,
  )
  const [task] = await db
    .insert(tasks)
    .values({
      ...{ repositoryId: id, candidateId, ...parts, name: `acme__shop-${number}`, revision: 1, sequence: 1 },
      ...{ contentHash: 'sha256:0', repository: 'acme/shop', pull: number, miner: 'linked-pull', ecosystem: 'node' },
      ...{ language: 'javascript', frameworks: [], statement: { title: '', issue: '', hints: '' }, failToPass: [] },
      ...{ beforeStatuses: {}, passToPass: Buffer.alloc(0), failToPassCount: 1, passToPassCount: 0, flaky: [] },
      ...{ flags: [], filesChanged: 1, linesChanged: 1, afterSeconds: 1, cores: 1, visibility: 'public' },
      mergedAt: new Date(),
      earliestAt: new Date(),
    })
    .returning()
  await db.insert(publications).values({ sequence: 1, taskId: task?.id ?? 0, event: 'published' })
}

async function told(): Promise<string[]> {
  const rows = await database.db.select().from(publications).orderBy(publications.sequence)
  return rows.map(({ event, detail }) => (detail === null ? event : `${event}: ${detail}`))
}

/** What GitHub's push event makes the App do, and then the job that it brought. */
async function pushed(): Promise<void> {
  const door = openDoor(readConfig({ ...appVariables(github), QUARRY_HOME: home }), log)
  if (door?.probot == null) throw new Error('there is no App')
  await door.probot.load(githubApp(makeEvents(database.db, queue, door.access)))
  const head = git.git('rev-parse', 'HEAD')
  const payload = await github.payloads.push(repository, 'main', git.git('rev-parse', 'HEAD~1'), head)
  await door.probot.receive({ id: head, name: 'push', payload } as Parameters<typeof door.probot.receive>[0])
  const { rows } = await database.db.execute(sql`select data from pgboss.job where name = 'reconcile'`)
  expect(rows.at(-1)).toEqual({ data: { repository: id } })
  await reconcileRepository(opened.intake, id, { pushed: true })
}

test('a fix that is taken back loses its task, and gets it back with the fix', async () => {
  const commit = merge(1)
  merge(2)
  await backfill()
  await vet(1)
  const revert = git.commit(`Revert "Mend 1 (#1)"\n\nThis reverts commit ${commit}.`)
  await pushed()
  expect(await states()).toEqual({ 1: 'later-reverted', 2: 'proposed' })
  expect(await told()).toEqual(['published', 'retired: later-reverted'])
  await pushed()
  expect(await told()).toHaveLength(2)
  git.commit(`Revert "Revert "Mend 1 (#1)""\n\nThis reverts commit ${revert}.`)
  await pushed()
  expect(await states()).toEqual({ 1: 'vetted', 2: 'proposed' })
  expect(await told()).toEqual(['published', 'retired: later-reverted', 'published: restored'])
  expect(await database.db.select({ state: tasks.state }).from(tasks)).toEqual([{ state: 'live' }])
})

test('a task in quarantine goes back there with its fix', async () => {
  const commit = merge(1)
  await backfill()
  await vet(1)
  await database.db.insert(publications).values({ sequence: 2, taskId: 1, event: 'quarantined', detail: 'flaky' })
  await database.db.update(tasks).set({ state: 'quarantined' })
  await database.db.execute(sql`update publication_counter set last = 2`)
  const revert = git.commit(`Revert "Mend 1 (#1)"\n\nThis reverts commit ${commit}.`)
  await pushed()
  git.commit(`Revert "Revert "Mend 1 (#1)""\n\nThis reverts commit ${revert}.`)
  await pushed()
  expect((await told()).slice(2)).toEqual(['retired: later-reverted', 'quarantined: flaky'])
})

test('one that was still worked on is stopped, and begins anew', async () => {
  const commit = merge(1)
  await backfill()
  const candidate = await candidateOf(1)
  await addParts(database.db, candidate, 'key')
  const revert = git.commit(`Revert "Mend 1 (#1)"\n\nThis reverts commit ${commit}.`)
  await pushed()
  expect(await states()).toEqual({ 1: 'later-reverted' })
  git.commit(`Revert "Revert "Mend 1 (#1)""\n\nThis reverts commit ${revert}.`)
  await pushed()
  expect(await states()).toEqual({ 1: 'proposed' })
  expect(await database.db.select().from(snapshots)).toEqual([])
})

test('a task that was retired for another reason stays so, whatever is taken back', async () => {
  const commit = merge(1)
  await backfill()
  await vet(1)
  await database.db.update(tasks).set({ state: 'retired' })
  await database.db.insert(publications).values({ sequence: 2, taskId: 1, event: 'retired', detail: 'forgotten' })
  await database.db.execute(sql`update publication_counter set last = 2`)
  const revert = git.commit(`Revert "Mend 1 (#1)"\n\nThis reverts commit ${commit}.`)
  await pushed()
  git.commit(`Revert "Revert "Mend 1 (#1)""\n\nThis reverts commit ${revert}.`)
  await pushed()
  expect(await told()).toEqual(['published', 'retired: forgotten'])
})

test('a pull that was said to close an issue only after its merge is mined then', async () => {
  const commit = merge(1, { body: '' })
  await backfill()
  expect(await states()).toEqual({ 1: 'no-linked-issue' })
  say(1, commit)
  await takeInPull(opened.intake, id, 1)
  expect(await states()).toEqual({ 1: 'proposed' })
  expect(await database.db.select({ closes: pulls.closes }).from(pulls)).toEqual([{ closes: [101] }])
})

test('an issue that a task says no more to close takes nothing away: the statement is of its day', async () => {
  const commit = merge(1)
  await backfill()
  await vet(1)
  say(1, commit, { body: '' })
  await takeInPull(opened.intake, id, 1)
  expect(await states()).toEqual({ 1: 'vetted' })
})

test('a label that the owners leave out erases a task, and lets it be mined anew once it is gone', async () => {
  git.commit('Settings', { '.github/quarry.yml': 'labels: { exclude: [no-mining] }\n' })
  const commit = merge(1)
  await settingsChanged(opened.intake, queue, { repository: id, commit: null })
  await backfill()
  await vet(1)
  say(1, commit, { labels: ['No-Mining'] })
  await takeInPull(opened.intake, id, 1)
  expect(await states()).toEqual({ 1: 'not-consented' })
  expect(await told()).toEqual(['published', 'retired: opted-out'])
  expect(await database.db.select({ title: pulls.title }).from(pulls)).toEqual([{ title: '' }])
  await takeInPull(opened.intake, id, 1)
  expect(await states()).toEqual({ 1: 'not-consented' })
  say(1, commit)
  const asked = github.requests.length
  await takeInPull(opened.intake, id, 1)
  expect(await states()).toEqual({ 1: 'proposed' })
  expect(github.requests.slice(asked).filter(({ operation }) => operation === 'pullDetails')).toHaveLength(1)
})

test('settings that leave a label out later take what has it, and ask for it again once they do not', async () => {
  merge(1, { labels: ['draft'] })
  merge(2)
  await settingsChanged(opened.intake, queue, { repository: id, commit: null })
  await backfill()
  await vet(1)
  git.commit('Settings', { '.github/quarry.yml': 'labels: { exclude: [draft] }\n' })
  await settingsChanged(opened.intake, queue, { repository: id, commit: null })
  expect(await states()).toEqual({ 1: 'not-consented', 2: 'proposed' })
  git.commit('Settings', { '.github/quarry.yml': 'enabled: true\n' })
  await settingsChanged(opened.intake, queue, { repository: id, commit: null })
  const { rows } = await database.db.execute(sql`select data from pgboss.job where name = 'pull'`)
  expect(rows).toEqual([{ data: { repository: id, number: 1 } }])
  await takeInPull(opened.intake, id, 1)
  expect(await states()).toEqual({ 1: 'proposed', 2: 'proposed' })
})

test('somebody who asked to forget a pull is not overruled by a label', async () => {
  const commit = merge(1)
  await backfill()
  await makeEvents(database.db, queue, opened.intake.github).pullForgotten(
    repository.installation?.id ?? 0,
    { id: repository.id, fullName: 'acme/shop', private: false, archived: false, defaultBranch: null },
    1,
  )
  say(1, commit, { labels: ['mine-me'] })
  await takeInPull(opened.intake, id, 1)
  await reconcileRepository(opened.intake, id, { pushed: true })
  expect(await states()).toEqual({ 1: 'not-consented' })
  expect(await database.db.select({ reason: erasures.reason }).from(erasures)).toEqual([{ reason: 'forgotten' }])
})
