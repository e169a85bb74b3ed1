import { generateKeyPairSync } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { erasures, installations, repositories } from '../../src/db/schema.ts'
import { intakeHandlers } from '../../src/pipeline/github/handlers.ts'
import { reconcileRepository } from '../../src/pipeline/github/reconcile.ts'
import { addNextWith, type Jobs, jobNames } from '../../src/pipeline.ts'
import { createQueue } from '../../src/queue/queue.ts'
import type { Queue } from '../../src/queue/types.ts'
import { makeRepository, type TestRepository } from '../git/repository.ts'
import type { GitHubServer, Installation, Repository } from '../github/index.ts'
import { watchedLog } from '../log-lines.ts'
import { type GitHubScene, openGitHubScene } from './github-scene.ts'
import { type OpenIntake, openIntake } from './intake-on.ts'

/** What goes wrong at GitHub between an event and the job that it brings: nothing is lost, and nothing half done. */

let scene: GitHubScene
let database: GitHubScene['database']
let github: GitHubServer
let queue: Queue<Jobs>
let opened: OpenIntake
let git: TestRepository
let installation: Installation
let repository: Repository
let row: number
let watched: ReturnType<typeof watchedLog>

beforeEach(async () => {
  scene = await openGitHubScene()
  ;({ database, github, git, installation, repository } = scene)
  opened = openIntake(github, database.db)
  row = await opened.store(repository)
  watched = watchedLog('info')
  // The first failure parks.
  const retry = { limit: 0, delaySeconds: 1 }
  queue = await createQueue<Jobs>(database, jobNames, { log: watched.log, retry })
})

afterEach(async () => {
  await queue.stop()
  await opened.close()
  await scene.close()
})

/** A worker takes the intake's jobs from now on; `intake` is its way to GitHub. */
async function work(intake = opened.intake): Promise<void> {
  const { mirrors, sources, github: access, miner } = intake
  const addNext = (priority: number) => addNextWith(queue, priority)
  const bounds = { since: null, pulls: 1000 }
  await queue.work(intakeHandlers({ database, mirrors, sources }, { queue, github: access, miner, addNext, bounds }))
}

async function done<Name extends 'pull' | 'backfill' | 'settings'>(name: Name, data: Jobs[Name]) {
  await database.db.transaction((tx) => queue.add(tx, name, data, { key: `${name}:${row}` }))
  return ended()
}

/** What the log says of the last job, once there is none left. */
async function ended() {
  const left = async () => [...(await queue.counts())].filter(([name]) => name !== 'snapshot')
  await expect.poll(left, { timeout: 60_000 }).toEqual([])
  return watched.lines().findLast(({ msg }) => msg === 'job done' || msg === 'job failed')
}

const merge = (...given: Parameters<GitHubScene['merge']>) => scene.merge(...given)
const states = () => scene.states()
const stored = async () => (await database.db.select().from(repositories).where(eq(repositories.id, row)))[0]
const gone = '1234567890123456789012345678901234567890'

test('a pull whose commits are gone is refused with that reason', async () => {
  merge(1, { told: gone })
  await work()
  expect(await done('pull', { repository: row, number: 1 })).toMatchObject({ msg: 'job done' })
  expect(await states()).toEqual({ 1: 'commits-missing' })
})

test('one whose commits are not there yet is parked with why, and taken in when it is put back', async () => {
  merge(1, { told: gone, at: new Date() })
  await work()
  const line = await done('pull', { repository: row, number: 1 })
  expect(line).toMatchObject({ level: 40, msg: 'job failed', fault: 'github', parked: true, queue: 'pull' })
  expect(await states()).toEqual({})
  const [parked] = await queue.dead()
  expect(parked).toMatchObject({ name: 'pull', error: expect.stringMatching(/pull 1 is not to be fetched yet/) })
  merge(1, { at: new Date() })
  await queue.retry(parked?.id ?? '')
  expect(await ended()).toMatchObject({ msg: 'job done' })
  expect(await states()).toEqual({ 1: 'proposed' })
})

test('a repository without a commit is read when it has some', async () => {
  git.git('update-ref', '-d', 'refs/heads/main')
  await work()
  expect(await done('backfill', { repository: row })).toMatchObject({
    msg: 'job done',
    passed: 'the repository holds no commits',
  })
  git.commit('first again', { 'src/a.js': '0\n', 'test/a.test.js': '0\n', 'package.json': '{}\n' })
  merge(1, { at: new Date() })
  await reconcileRepository(opened.intake, row)
  expect(await states()).toEqual({ 1: 'proposed' })
})

test('a repository that was emptied before its pull is read brings nothing, and loses nothing', async () => {
  await work()
  merge(1)
  await done('backfill', { repository: row })
  merge(2)
  git.git('update-ref', '-d', 'refs/heads/main')
  const line = await done('pull', { repository: row, number: 2 })
  expect(line).toMatchObject({ msg: 'job done', passed: 'the repository holds no commits' })
  expect(await states()).toEqual({ 1: 'proposed' })
})

test('a repository that was renamed, and whose name is another\u2019s now, is the one that is read', async () => {
  merge(1)
  github.renameRepository(repository, 'acme/store')
  const other = makeRepository()
  other.commit('theirs', { 'README.md': 'x\n' })
  github.addRepository({ installation, fullName: 'acme/shop', gitDir: join(other.folder, '.git') })
  await work()
  expect(await done('pull', { repository: row, number: 1 })).toMatchObject({ msg: 'job done' })
  expect(await states()).toEqual({ 1: 'proposed' })
  expect(await stored()).toMatchObject({ name: 'acme/store' })
  rmSync(other.folder, { recursive: true })
})

test('a repository that was transferred out of sight is erased, as one that was deleted', async () => {
  merge(1)
  await work()
  await done('pull', { repository: row, number: 1 })
  github.setPrivate(repository, true)
  github.renameRepository(repository, 'other/shop')
  github.setInstallation(repository, null)
  merge(2)
  expect(await done('pull', { repository: row, number: 2 })).toMatchObject({ msg: 'job done' })
  expect(await stored()).toMatchObject({ state: 'deleted' })
  expect(await states()).toEqual({ 1: 'not-consented' })
  expect(await database.db.select().from(erasures)).toMatchObject([{ reason: 'repository-deleted' }])
})

test('a repository that became private before its pull is read is not mined', async () => {
  merge(1)
  github.setPrivate(repository, true)
  await work()
  expect(await done('pull', { repository: row, number: 1 })).toMatchObject({ msg: 'job done' })
  expect(await states()).toEqual({})
})

test('an installation that is gone parks its jobs with why; only GitHub\u2019s word that it was uninstalled erases', async () => {
  merge(1)
  github.deleteInstallation(installation)
  await work()
  const lines = [
    await done('pull', { repository: row, number: 1 }),
    await done('settings', { repository: row, commit: null }),
  ]
  for (const line of lines) {
    expect(line).toMatchObject({ msg: 'job failed', fault: 'uninstalled', parked: true })
    expect(line?.error).toMatch(/has no installation 101/)
  }
  expect((await queue.dead())[0]?.error).toMatch(/is APP_ID that of the App\?/)
  expect(await stored()).toMatchObject({ state: 'active' })
  expect(await database.db.select().from(erasures)).toEqual([])
})

test('a suspended installation ends its jobs, also with a token in hand, and goes on when that is lifted', async () => {
  await work()
  await done('backfill', { repository: row })
  merge(1)
  github.suspendInstallation(installation)
  const line = await done('pull', { repository: row, number: 1 })
  expect(line).toMatchObject({ msg: 'job done', passed: 'installation 101 of the App is suspended' })
  const state = async () => (await database.db.select().from(installations).where(eq(installations.id, 101)))[0]?.state
  expect(await state()).toBe('suspended')
  expect(await queue.dead()).toEqual([])
  github.suspendInstallation(installation, false)
  await database.db.update(installations).set({ state: 'active' })
  await done('pull', { repository: row, number: 1 })
  expect(await states()).toEqual({ 1: 'proposed' })
})

test('a token that is worth nothing any more is replaced', async () => {
  await work()
  merge(1)
  await done('backfill', { repository: row })
  merge(2)
  github.expireTokens()
  expect(await done('pull', { repository: row, number: 2 })).toMatchObject({ msg: 'job done' })
  expect(await states()).toEqual({ 1: 'proposed', 2: 'proposed' })
})

test('a key that is not the App\u2019s parks jobs with the mend, and changes nothing', async () => {
  merge(1)
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  const { url, appId, webhookSecret } = github
  const wrong = openIntake({ url, appId, webhookSecret, privateKey }, database.db)
  await work(wrong.intake)
  const line = await done('settings', { repository: row, commit: null })
  expect(line).toMatchObject({ msg: 'job failed', fault: 'app-key', error: "GitHub does not accept the App's key" })
  const [parked] = await queue.dead()
  expect(parked?.error).toMatch(/set APP_ID and PRIVATE_KEY of one and the same App/)
  expect(parked?.error).not.toMatch(/\n\s+at /)
  expect(await stored()).toMatchObject({ state: 'active' })
  await wrong.close()
})

test('git\u2019s token is asked for at the App\u2019s own host, before anything else was asked there', async () => {
  expect(await opened.intake.github.gitAuthorization(installation.id)).toMatch(/^Basic /)
  expect(github.requests).toMatchObject([{ kind: 'token', status: 201 }])
})
