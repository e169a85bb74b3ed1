import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { issuesOf as storedIssues } from '../../src/db/pulls.ts'
import { pulls } from '../../src/db/schema.ts'
import { readPulls } from '../../src/github/index.ts'
import type { Issue as StoredIssue } from '../../src/model/index.ts'
import { backfillRepository } from '../../src/pipeline/github/backfill.ts'
import { type GitHubServer, type Issue, type Pull, type Repository, startGitHub } from '../github/index.ts'
import { type ManyPulls, makeManyPulls, manyComments, timeText } from '../github/many-pulls.ts'
import { testDatabase } from '../postgres.ts'
import { type OpenIntake, openIntake } from './intake-on.ts'

/** One pull for each promise. Each was made half an hour before it was merged, at `timeText(number - 0.5)`. */
const edited = 1
const talkative = 2
const closesPull = 3
const byMessage = 4
const elsewhere = 5
const byNobody = 6
const again = 7
const messages = new Map([
  [closesPull, `Mend (#${closesPull})\n\nFixes #${talkative}`],
  [byMessage, `Mend (#${byMessage})\n\nFixes #104`],
])

let folder: string
let many: ManyPulls
let github: GitHubServer
let repository: Repository
let database: Awaited<ReturnType<typeof testDatabase>>
let opened: OpenIntake

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-issues-'))
  many = makeManyPulls(join(folder, 'shop.git'), 7, (number) => messages.get(number) ?? `Mend (#${number})`)
  github = await startGitHub()
  const installation = github.addInstallation({ account: 'acme' })
  repository = github.addRepository({ installation, fullName: 'acme/shop', gitDir: many.gitDir })
  const other = github.addRepository({ installation: null, fullName: 'acme/tools', gitDir: many.gitDir })
  github.addIssue(other, { number: 7, title: 'Theirs', createdAt: timeText(0) })
  addThreads()
  database = await testDatabase()
  opened = openIntake(github, database.db)
  await backfillRepository(opened.intake, await opened.store(repository), { since: null, pulls: 100 })
})
afterAll(async () => {
  await opened?.close()
  await database?.close()
  await github?.close()
  rmSync(folder, { recursive: true })
})

function addThreads(): void {
  addPull(edited, { closes: [101] })
  addPull(talkative, { closes: [102] })
  addPull(closesPull, {})
  addPull(byMessage, {})
  addPull(elsewhere, { closes: ['acme/tools#7'] })
  addPull(byNobody, { closes: [106], user: null })
  addPull(again, { closes: [101] })
  addIssue(101, {
    ...{ title: 'Prices are off by one', body: 'Solved: use floor.' },
    renames: [
      { at: timeText(0.2), from: 'Help', to: 'Prices' },
      { at: timeText(0.7), from: 'Prices', to: 'Prices are off by one' },
    ],
    bodyEdits: [
      { editedAt: timeText(0), diff: 'It is 2.' },
      { editedAt: timeText(0.3), diff: 'It is 2 and not 1.' },
      { editedAt: timeText(2), diff: 'Solved: use floor.' },
    ],
    comments: [
      {
        ...{ user: 'cid', body: 'The answer is floor.', createdAt: timeText(0.1) },
        edits: [
          { editedAt: timeText(0.1), diff: 'Same here.' },
          { editedAt: timeText(3), diff: 'The answer is floor.' },
        ],
      },
    ],
  })
  addIssue(102, { comments: manyComments(1, 230) })
  addIssue(104, {})
  addIssue(106, { user: null, comments: [{ user: null, body: 'Here too', createdAt: timeText(1) }] })
}

function addPull(number: number, more: Partial<Pull>): void {
  const sha = many.commits[number] ?? ''
  const times = { createdAt: timeText(number - 0.5), mergedAt: timeText(number) }
  const head = { sha, ref: `topic-${number}` }
  github.addPull(repository, {
    number,
    title: `Mend ${number}`,
    ...times,
    mergeCommit: sha,
    head,
    user: 'ann',
    ...more,
  })
}

function addIssue(number: number, more: Partial<Issue>): void {
  github.addIssue(repository, {
    number,
    title: 'Prices',
    body: 'It is 2.',
    createdAt: timeText(0),
    user: 'bob',
    ...more,
  })
}

async function issuesOf(number: number): Promise<readonly StoredIssue[]> {
  const [row] = await database.db.select({ id: pulls.id }).from(pulls).where(eq(pulls.number, number))
  return (await storedIssues(database.db, [row?.id ?? 0])).get(row?.id ?? 0) ?? []
}

test('an issue comes as it was when the pull was made: its text, its title and what was said', async () => {
  const [issue] = await issuesOf(edited)
  expect(issue).toMatchObject({ number: 101, title: 'Prices', body: 'It is 2 and not 1.' })
  expect(issue?.comments).toMatchObject([{ body: 'Same here.', user: { login: 'cid' } }])
})

test('to a later pull the same issue has said more', async () => {
  const [issue] = await issuesOf(again)
  expect(issue).toMatchObject({ number: 101, title: 'Prices are off by one', body: 'Solved: use floor.' })
  expect(issue?.comments).toMatchObject([{ body: 'The answer is floor.' }])
})

test('long lists of comments are read to their end', async () => {
  const [issue] = await issuesOf(talkative)
  expect(issue?.comments.map(({ body }) => body)).toEqual(Array.from({ length: 230 }, (_, at) => `Here too, ${at}`))
})

test('a pull that a message says it fixes is no issue', async () => {
  expect(await issuesOf(closesPull)).toEqual([])
  const [row] = await database.db.select().from(pulls).where(eq(pulls.number, closesPull))
  expect(row?.closes).toEqual([])
})

test('an issue that only the message of a commit names counts', async () => {
  expect(await issuesOf(byMessage)).toMatchObject([{ number: 104, body: 'It is 2.' }])
})

test('an issue of another repository is told apart', async () => {
  expect(await issuesOf(elsewhere)).toEqual([])
  const client = await opened.intake.github.client(repository.installation?.id ?? 0, 'live')
  const details = await readPulls(client, { owner: 'acme', name: 'shop' }, [elsewhere, 99], () => [])
  expect(details.map((one) => one.elsewhere)).toEqual([['acme/tools#7']])
})

test('accounts that were deleted are nobody', async () => {
  const [row] = await database.db.select().from(pulls).where(eq(pulls.number, byNobody))
  expect(row?.authorLogin).toBeNull()
  expect(await issuesOf(byNobody)).toMatchObject([{ number: 106, user: null, comments: [{ user: null }] }])
})

test('everything that was asked is as GitHub publishes it', () => {
  expect(github.problems).toEqual([])
})
