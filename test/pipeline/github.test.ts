import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { like } from 'drizzle-orm'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { minerNamed } from '../../miners/index.ts'
import { makeProbot, openAccess } from '../../src/apps/github-app/access.ts'
import { openFolderBlobs } from '../../src/blobs/folder.ts'
import { readConfig } from '../../src/config.ts'
import { erasures, installations, pulls, repositories } from '../../src/db/schema.ts'
import type { GitHubAccess } from '../../src/github/index.ts'
import { makeLog } from '../../src/log.ts'
import { cleanUp } from '../../src/pipeline/clean-up.ts'
import { makeEvents } from '../../src/pipeline/github/events.ts'
import { giveFeedback } from '../../src/pipeline/github/feedback.ts'
import { takeInPull } from '../../src/pipeline/github/pull.ts'
import { storeRepository } from '../../src/pipeline/github/repositories.ts'
import { settingsChanged } from '../../src/pipeline/github/settings-job.ts'
import type { GitHubIntake } from '../../src/pipeline/github/take-in-pulls.ts'
import { type Mirrors, makeMirrors } from '../../src/pipeline/mirrors.ts'
import { type NightlyReport, runNightly } from '../../src/pipeline/nightly.ts'
import { makeSources } from '../../src/pipeline/sources.ts'
import { addNextWith, type Jobs, jobNames } from '../../src/pipeline.ts'
import { createQueue } from '../../src/queue/queue.ts'
import type { Queue } from '../../src/queue/types.ts'
import { appVariables } from '../end-to-end/github-sample.ts'
import type { TestRepository } from '../git/repository.ts'
import type { GitHubServer, Installation, Repository } from '../github/index.ts'
import { type GitHubScene, openGitHubScene } from './github-scene.ts'

const log = makeLog('silent')
const signal = new AbortController().signal
const home = mkdtempSync(join(tmpdir(), 'quarry-github-'))
let scene: GitHubScene
let database: GitHubScene['database']
let github: GitHubServer
let queue: Queue<Jobs>
let mirrors: Mirrors
let access: GitHubAccess
let intake: GitHubIntake
let git: TestRepository
let installation: Installation
let repository: Repository

beforeEach(async () => {
  scene = await openGitHubScene()
  ;({ database, github, git, installation, repository } = scene)
  queue = await createQueue<Jobs>(database, jobNames, { log })
  const { db } = database
  mirrors = makeMirrors(mkdtempSync(join(home, 'home-')), db)
  const miner = minerNamed('linked-pull')
  if (miner === null) throw new Error('no miner')
  access = openAgain()
  const sources = makeSources(access)
  intake = { db, mirrors, sources, github: access, miner, addNext: addNextWith(queue, 0), signal }
})

afterEach(async () => {
  await mirrors.close()
  await queue.stop()
  await scene.close()
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** GitHub as a process that has just begun reaches it. */
function openAgain(): GitHubAccess {
  const config = readConfig({ ...appVariables(github), HOME: home }).github
  const opened = openAccess(config, makeProbot(config, log), log)
  if (opened === null) throw new Error('no access')
  return opened
}

const merge = (number: number, at = new Date(Date.now() - 1000)) => scene.merge(number, { at })
const states = () => scene.states()

/** A night with no tasks to validate again; cleaning up is another test's. */
function night(): Promise<NightlyReport> {
  const { db } = database
  const folder = mkdtempSync(join(home, 'machine-'))
  return runNightly({
    ...{ intake, db, queue, log, signal, repository: null, bounds: { since: null, pulls: 1000 } },
    revalidate: () => Readable.from([]),
    cleanUp: async () => {
      const blobs = await openFolderBlobs(join(folder, 'blobs'))
      return cleanUp({
        home: folder,
        db,
        blobs,
        sources: makeSources(access),
        budgets: { disk: 1 << 30, logDays: 30, auditDays: 365 },
      })
    },
  })
}

async function row() {
  const [found] = await database.db.select().from(repositories)
  if (found === undefined) throw new Error('no repository is stored')
  return found
}

/** What the webhook of the installation, and the job that it brings, do. */
async function install(): Promise<void> {
  const { id, fullName } = repository
  const facts = { id: installation.id, account: 'acme', permissions: installation.permissions }
  const granted = { id, fullName, private: repository.private, archived: false, defaultBranch: null }
  await makeEvents(database.db, queue, access).installed(facts, [granted])
  await settingsChanged(intake, queue, { repository: (await row()).id, commit: null })
}

test('a night makes good what an App that was down has missed: installation, repository, pulls', async () => {
  merge(1)
  merge(2)
  const first = await night()
  expect(first).toMatchObject({ installations: 1, repositories: 1, backfilled: 2, faults: [] })
  expect(await states()).toEqual({ 1: 'proposed', 2: 'proposed' })
  merge(3)
  expect(await night()).toMatchObject({ backfilled: 0, faults: [] })
  expect(await states()).toEqual({ 1: 'proposed', 2: 'proposed', 3: 'proposed' })
  expect((await queue.counts()).get('snapshot')).toEqual({ queued: 3, active: 0 })
})

/** Repositories beside the first, of the same git, that were read until now. */
async function addRepositories(count: number): Promise<void> {
  const gitDir = join(git.folder, '.git')
  for (let at = 0; at < count; at += 1) {
    const { id, fullName } = github.addRepository({ installation, fullName: `acme/other-${at}`, gitDir })
    const found = { id, fullName, private: false, archived: false, defaultBranch: 'main' }
    await database.db.transaction((tx) => storeRepository(tx, access, installation.id, found))
  }
  const backfill = { cursor: null, listed: 0, done: true }
  const others = like(repositories.name, 'acme/other-%')
  await database.db.update(repositories).set({ backfill, reconciledAt: new Date() }).where(others)
}

test('a repository of which nothing has changed costs a night no request of its own', async () => {
  const hour = 3600_000
  merge(1, new Date(Date.now() - hour))
  await night()
  await addRepositories(60)
  const asked = github.requests.length
  const { cost, repositories: count, reconciled, faults } = await night()
  expect({ count, reconciled, faults }).toEqual({ count: 61, reconciled: 0, faults: [] })
  expect(cost.github).toEqual({ rest: 3, graphql: 2, points: 2 })
  const since = github.requests.slice(asked).filter(({ kind }) => kind !== 'token')
  expect(since.map(({ operation, path }) => operation ?? path.replace(/\?.*/, ''))).toEqual([
    '/api/v3/app/hook/deliveries',
    '/api/v3/app/installations',
    '/api/v3/installation/repositories',
    'overviews',
    'overviews',
  ])
  merge(2)
  expect(await night()).toMatchObject({ reconciled: 1, cost: { github: { rest: 3, graphql: 4 } } })
  expect(await states()).toEqual({ 1: 'proposed', 2: 'proposed' })
})

test('a name that another repository has now is seen through: each is read by its number', async () => {
  merge(1)
  await night()
  github.renameRepository(repository, 'acme/store')
  github.addRepository({ installation, fullName: 'acme/shop', gitDir: join(git.folder, '.git') })
  expect(await night()).toMatchObject({ repositories: 2, faults: [] })
  const rows = await database.db.select().from(repositories)
  const names = Object.fromEntries(rows.map(({ forgeId, name }) => [forgeId, name]))
  expect(names).toEqual({ 1001: 'acme/store', 1002: 'acme/shop' })
})

test('an installation that ends while it is read is told as a fault, and the night goes on', async () => {
  merge(1)
  await night()
  access = openAgain()
  intake = { ...intake, github: access }
  const suspend = ({ kind }: { readonly kind: string }) => {
    if (kind === 'token') github.suspendInstallation(installation)
    return false
  }
  github.failNext({ kind: 'slow', matching: suspend })
  const { faults, cleaned } = await night()
  expect(faults).toContainEqual({ what: 'installation acme', why: expect.stringContaining('suspended') })
  expect(cleaned).not.toBeNull()
})

test('a fix that was taken back while nobody listened, without a pull, loses its task all the same', async () => {
  const commit = merge(1)
  await night()
  git.commit(`Revert "Mend 1 (#1)"\n\nThis reverts commit ${commit}.`)
  await database.db.update(repositories).set({ reconciledAt: new Date(Date.now() + 3600_000) })
  await night()
  expect(await states()).toEqual({ 1: 'proposed' })
  await database.db.update(repositories).set({ reconciledAt: new Date(Date.now() - 1000) })
  github.push(repository)
  await night()
  expect(await states()).toEqual({ 1: 'later-reverted' })
})

test('failed webhooks are asked for again, those that arrived are not', async () => {
  merge(1)
  const payload = await github.payloads.pullRequestClosed(repository, 1)
  await github.deliver('pull_request', payload, { to: 'http://127.0.0.1:9/nobody' })
  expect(await night()).toMatchObject({ redelivered: 1, faults: [] })
  await github.redelivered()
  expect(github.deliveries).toHaveLength(2)
})

test('what is no longer granted is withdrawn, and comes anew where it is granted again', async () => {
  merge(1)
  await night()
  github.setInstallation(repository, null)
  await night()
  expect(await row()).toMatchObject({ state: 'removed' })
  expect(await states()).toEqual({ 1: 'not-consented' })
  const [pull] = await database.db.select().from(pulls)
  expect(`${pull?.title}${pull?.body}`).not.toContain('Mend')
  github.setInstallation(repository, installation)
  await night()
  await night()
  expect(await states()).toEqual({ 1: 'proposed' })
})

test('an App that is another one than before erases nothing that it can not see', async () => {
  merge(1)
  await night()
  github.setInstallation(repository, null)
  github.deleteInstallation(installation)
  await database.db.update(installations).set({ appId: github.appId + 1 })
  await night()
  expect(await states()).toEqual({ 1: 'proposed' })
  await database.db.update(installations).set({ appId: github.appId })
  await night()
  expect(await states()).toEqual({ 1: 'not-consented' })
})

test('a private repository is mined only where its own file says so, and no more once it does not', async () => {
  github.setPrivate(repository, true)
  merge(1)
  await night()
  expect(await states()).toEqual({})
  expect(github.requests.filter(({ operation }) => operation === 'mergedPulls')).toEqual([])
  git.commit('Let it be mined', { '.github/quarry.yml': 'enabled: true\n' })
  expect(await night()).toMatchObject({ faults: [] })
  expect(await states()).toEqual({ 1: 'proposed' })
  expect(await row()).toMatchObject({ visibility: 'private' })
  git.commit('No longer', { '.github/quarry.yml': 'enabled: false\n' })
  await night()
  expect(await states()).toEqual({ 1: 'not-consented' })
  expect(await database.db.select().from(erasures)).toMatchObject([{ reason: 'privatized', liftedAt: null }])
})

test('a mistake in the settings is shown on its line, on the commit that brought it, and nothing is mined', async () => {
  merge(1)
  const commit = git.commit('Settings', { '.github/quarry.yml': 'enabled: true\nlabel: {}\n' })
  await install()
  await settingsChanged(intake, queue, { repository: (await row()).id, commit })
  expect(github.checkRuns).toMatchObject([
    { shown: { head_sha: commit, conclusion: 'failure', output: { annotations_count: 1 } } },
  ])
  await night()
  expect(await states()).toEqual({})
})

test('labels that the owners leave out are refused, with the setting', async () => {
  git.commit('Settings', { '.github/quarry.yml': 'labels: { require: [mine-me] }\n' })
  merge(1)
  await night()
  expect(await states()).toEqual({ 1: 'not-consented' })
})

test('the author of a live pull is told once what became of it; those of a backfill are not', async () => {
  await install()
  merge(1)
  git.commit('Only docs (#2)', { 'README.md': 'x\n' })
  const head = git.git('rev-parse', 'HEAD')
  const at = new Date().toISOString()
  const pull = { number: 2, title: 'Only docs', createdAt: at, mergedAt: at, mergeCommit: head, user: 'bob' }
  github.addPull(repository, { ...pull, head: { sha: head, ref: 'docs' } })
  await night()
  const { id } = await row()
  const [told] = await takeInPull(intake, id, 2)
  if (told === undefined) throw new Error('the pull made no candidate')
  await giveFeedback(database.db, access, told)
  expect(github.checkRuns).toEqual([])
  await database.db.update(pulls).set({ source: 'webhook' })
  await giveFeedback(database.db, access, told)
  await giveFeedback(database.db, access, told)
  expect(github.checkRuns).toMatchObject([{ shown: { head_sha: head, conclusion: 'neutral' } }])
})
