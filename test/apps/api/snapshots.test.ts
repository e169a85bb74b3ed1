import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createToken, type Scope } from '../../../src/access/index.ts'
import type { Db } from '../../../src/db/connect.ts'
import { repositories, runs, snapshotArchives, snapshots, tasks, testNames, verdicts } from '../../../src/db/schema.ts'
import { eraseRepository } from '../../../src/erasure/erase.ts'
import { compactStatuses } from '../../../src/test-runs/compact.ts'
import { addRepository, addTask } from '../../filled-database.ts'
import { makeRepository, type TestRepository } from '../../git/repository.ts'
import { type ApiScene, openApiScene } from './scene.ts'

let scene: ApiScene
let made = 0
beforeAll(async () => {
  scene = await openApiScene()
})
afterAll(() => scene.close())

/** A task of a repository that no mirror of this machine has yet. */
async function addOne(): Promise<{ name: string; id: number; repositoryId: number; origin: TestRepository }> {
  made += 1
  const origin = makeRepository()
  const baseCommit = origin.commit('Begin', { 'cart.js': 'export const total = 1\n', 'src/a b.js': `// ${made}\n` })
  const repositoryId = await addRepository(scene.db, `acme/shop${made}`)
  await scene.db.update(repositories).set({ origin: origin.folder }).where(eq(repositories.id, repositoryId))
  const id = await addTask(scene.db, repositoryId, 7)
  const tree = origin.git('rev-parse', 'HEAD^{tree}')
  const [task] = await scene.db.select().from(tasks).where(eq(tasks.id, id))
  const patches = { fixPatch: Buffer.alloc(0), testPatch: Buffer.alloc(0) }
  await scene.db
    .update(snapshots)
    .set({ baseCommit, baseTree: tree, beforeTree: tree, afterTree: tree, tag: 'v1.2.0', ...patches })
    .where(eq(snapshots.id, task?.snapshotId ?? 0))
  return { name: `acme__shop${made}-7`, id, repositoryId, origin }
}

const sha256 = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

test('a machine without the mirror fetches it, and gives the whole with what is needed to check it', async () => {
  const { name } = await addOne()
  const answer = await scene.get(`/v1/tasks/${name}/snapshot`)
  expect(answer.statusCode).toBe(200)
  expect(answer.headers).toMatchObject({
    'content-type': 'application/zstd',
    'content-length': String(answer.rawPayload.length),
    etag: `"${sha256(answer.rawPayload)}"`,
    'accept-ranges': 'bytes',
    'content-disposition': `attachment; filename="${name}@1.tar.zst"`,
    'repr-digest': `sha-256=:${createHash('sha256').update(answer.rawPayload).digest('base64')}:`,
  })
  const folder = makeRepository().folder
  await rm(join(folder, '.git'), { recursive: true })
  execFileSync('tar', ['--extract', '--directory', folder], { input: zstdDecompressSync(answer.rawPayload) })
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim()
  expect(git('rev-parse', 'HEAD')).toBe(answer.headers['quarry-commit'])
  expect(git('status', '--porcelain')).toBe('')
})

test('a bundle has the same commit', async () => {
  const { name } = await addOne()
  const [tar, bundle] = await Promise.all(
    ['tar', 'bundle'].map((format) => scene.get(`/v1/tasks/${name}/snapshot?format=${format}`)),
  )
  expect(bundle?.headers['content-type']).toBe('application/x-git-bundle')
  expect(bundle?.rawPayload.toString('latin1')).toMatch(/^# v2 git bundle\n/)
  expect(bundle?.rawPayload.toString('latin1')).toContain(`${tar?.headers['quarry-commit']} HEAD\n`)
})

test('a broken download goes on, a known one is not sent again, and a HEAD tells without sending', async () => {
  const { name } = await addOne()
  const url = `/v1/tasks/${name}/snapshot`
  const whole = await scene.get(url)
  const etag = String(whole.headers.etag)
  const bytes = whole.rawPayload
  const ask = (headers: Record<string, string>) => scene.get(url, { headers })
  const rest = await ask({ range: 'bytes=100-', 'if-range': etag })
  expect(rest.statusCode).toBe(206)
  expect(rest.headers['content-range']).toBe(`bytes 100-${bytes.length - 1}/${bytes.length}`)
  expect(rest.headers['content-length']).toBe(String(bytes.length - 100))
  expect(Buffer.concat([bytes.subarray(0, 100), rest.rawPayload]).equals(bytes)).toBe(true)
  expect((await ask({ range: 'bytes=2-3' })).rawPayload).toEqual(bytes.subarray(2, 4))
  expect((await ask({ range: 'bytes=-5' })).rawPayload).toEqual(bytes.subarray(-5))
  const changed = await ask({ range: 'bytes=100-', 'if-range': '"another"' })
  expect([changed.statusCode, changed.rawPayload.length]).toEqual([200, bytes.length])
  expect((await ask({ range: 'bytes=1-2,5-6' })).statusCode).toBe(200)
  const outside = await ask({ range: `bytes=${bytes.length}-` })
  expect(outside.statusCode).toBe(416)
  expect(outside.headers).toMatchObject({ 'content-range': `bytes */${bytes.length}` })
  expect(outside.json()).toMatchObject({ status: 416 })
  const known = await ask({ 'if-none-match': `"other", W/${etag}` })
  expect([known.statusCode, known.rawPayload.length, known.headers.etag]).toEqual([304, 0, etag])
  const head = await scene.web.inject({ method: 'HEAD', url, headers: { authorization: `Bearer ${scene.token}` } })
  expect(head.statusCode).toBe(200)
  expect(head.headers).toMatchObject({ etag, 'content-length': String(bytes.length) })
  expect(head.rawPayload.length).toBe(0)
})

test('many who ask at once get what was made once', async () => {
  const { name, id } = await addOne()
  const answers = await Promise.all(Array.from({ length: 20 }, () => scene.get(`/v1/tasks/${name}/snapshot`)))
  expect(new Set(answers.map(({ statusCode, headers }) => `${statusCode} ${headers.etag}`)).size).toBe(1)
  const rows = await scene.db.select().from(snapshotArchives).where(eq(snapshotArchives.taskId, id))
  expect(rows).toMatchObject([{ format: 'tar', bytes: answers[0]?.rawPayload.length }])
  expect(rows[0]?.createdAt).toEqual(rows[0]?.usedAt)
})

test('what was let go is made again, the same', async () => {
  const { name, id } = await addOne()
  const first = await scene.get(`/v1/tasks/${name}/snapshot`)
  await scene.db.delete(snapshotArchives).where(eq(snapshotArchives.taskId, id))
  const again = await scene.get(`/v1/tasks/${name}/snapshot`)
  expect(again.headers.etag).toBe(first.headers.etag)
})

test('an erased task has no snapshot, and its archive is among what disks have to lose', async () => {
  const { name, id, repositoryId } = await addOne()
  const { headers } = await scene.get(`/v1/tasks/${name}/snapshot`)
  await eraseRepository(scene.db, repositoryId, 'forgotten')
  expect((await scene.get(`/v1/tasks/${name}/snapshot`)).statusCode).toBe(404)
  expect(await scene.db.$count(snapshotArchives, eq(snapshotArchives.taskId, id))).toBe(0)
  const { rows } = await scene.db.execute<{ blobs: string[] }>(
    `select blobs from erasures where repository_id = ${repositoryId}`,
  )
  expect(rows[0]?.blobs).toContain(String(headers.etag).replaceAll('"', ''))
})

test('where its repository is out of reach it is 503 and not half an archive', async () => {
  const { name, origin } = await addOne()
  await rm(origin.folder, { recursive: true })
  expect(existsSync(origin.folder)).toBe(false)
  const answer = await scene.get(`/v1/tasks/${name}/snapshot`)
  expect(answer.statusCode).toBe(503)
  expect(answer.headers['retry-after']).toBe('30')
  expect(answer.headers['content-type']).toContain('application/problem+json')
})

test('a format that there is none of is refused by its name', async () => {
  const { name } = await addOne()
  const answer = await scene.get(`/v1/tasks/${name}/snapshot?format=zip`)
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toMatchObject({ errors: [{ field: 'format' }] })
})

test('a certificate and versions are there for who sees the task, with names of tests for who may see these', async () => {
  const { name, id } = await addOne()
  const owner = name.split('__')[0] ?? ''
  await addRuns(scene.db, id)
  const [reads, tests] = [['tasks:read'], ['tasks:read', 'tests:read']] as const
  const make = (label: string, scopes: readonly Scope[], owners: string[]) =>
    createToken(scene.db, { name: `${label} ${made}`, scopes, owners, expiresAt: null })
  const ask = async (part: string, token: string) => scene.get(`/v1/tasks/${name}/${part}`, { token })
  const open = await ask('certificate', await make('tests', tests, [owner]))
  expect(open.json()).toMatchObject({
    task: name,
    runs: [{ state: 'after', part: 'suite', tests: { passed: 1 } }],
    content: { failToPass: ['test/a.js > mends'], passToPass: ['test/a.js > holds', 'test/a.js > stays'] },
    verdicts: [{ validator: 'offline', evidence: { of: 'test/a.js > mends' } }],
  })
  const closed = await ask('certificate', await make('reads', reads, [owner]))
  expect(closed.json()).toMatchObject({ task: name, runs: open.json().runs, content: { failToPass: null } })
  expect(closed.body).not.toContain('test/a.js')
  expect((await ask('versions', await make('versions', reads, [owner]))).json()).toMatchObject({
    task: name,
    versions: [{ revision: 1, state: 'live', events: [{ event: 'published', reason: null }] }],
  })
  const other = await make('other', tests, ['umbrella'])
  for (const part of ['snapshot', 'certificate', 'versions']) expect((await ask(part, other)).statusCode).toBe(404)
})

async function addRuns(db: Db, taskId: number): Promise<void> {
  const [task] = await db.select().from(tasks).where(eq(tasks.id, taskId))
  const { candidateId, attemptId } = { candidateId: task?.candidateId ?? 0, attemptId: task?.attemptId ?? 0 }
  const { digest, count, names, statuses } = compactStatuses(new Map([['test/a.js > mends', 'passed']]))
  await db.insert(testNames).values({ digest, count, names })
  const run = { state: 'after', part: 'suite', ordinal: 0, ended: 'completed', cores: 1 } as const
  await db
    .insert(runs)
    .values({ ...run, candidateId, attemptId, seconds: {}, namesDigest: digest, statuses, planFiles: [] })
  const evidence = { of: 'test/a.js > mends' }
  await db.insert(verdicts).values({ candidateId, validator: 'offline', verdict: 'accepted', evidence })
}
