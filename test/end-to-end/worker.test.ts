import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { minerNamed } from '../../miners/index.ts'
import { findSource, openMirror } from '../../src/git/index.ts'
import { discover } from '../../src/intake/index.ts'
import { makeLog } from '../../src/log.ts'
import { repositoryFor, takeIn } from '../../src/pipeline/take-in.ts'
import { addNextWith, type Jobs, jobNames } from '../../src/pipeline.ts'
import { createQueue } from '../../src/queue/queue.ts'
import { homeWithDownloads } from '../downloads.ts'
import { testDatabase } from '../postgres.ts'
import { type Program, startProgram } from '../program.ts'
import { fewestRuns, quarry, runQuarry } from './sample.ts'

let folder: string
let database: Awaited<ReturnType<typeof testDatabase>>
const workers: Program[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-workers-'))
  database = await testDatabase()
})

afterAll(async () => {
  for (const worker of workers) await worker.kill()
  await database?.close()
  rmSync(folder, { recursive: true, force: true })
})

function makeClone(): string {
  const clone = join(folder, 'clone')
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', clone, '-c', 'user.name=Ada', '-c', 'user.email=ada@halves.invalid', ...args])
  const commit = (message: string, body: string, check: string) => {
    writeFileSync(join(clone, 'package.json'), '{"name":"halves","scripts":{"test":"node --test test/*.test.js"}}\n')
    writeFileSync(join(clone, 'half.js'), `exports.half = (n) => ${body}\n`)
    const head = "const { test } = require('node:test')\nconst { half } = require('../half.js')\n"
    writeFileSync(join(clone, 'test/half.test.js'), `${head}test('halves', () => { ${check} })\n`)
    git('add', '--all')
    git('commit', '--quiet', '--message', message)
  }
  mkdirSync(join(clone, 'test'), { recursive: true })
  git('init', '--quiet', '--initial-branch=main')
  commit('Begin', 'n', 'half(0)')
  commit('Halve (#2)\n\nFixes #1', 'n / 2', 'if (half(4) !== 2) throw new Error(half(4))')
  return clone
}

/** Two data folders stand for two machines: they share the database and the blobs, and nothing else. */
function startWorker(name: string, stages: string): Program {
  const { PATH = '', HOME = '' } = process.env
  const home = homeWithDownloads(join(folder, name))
  const own = { QUARRY_HOME: home, QUARRY_BLOBS: join(folder, 'blobs'), DATABASE_URL: database.url }
  const worker = startProgram([quarry, 'worker', '--stages', stages, '--concurrency', '1', '--json'], {
    env: { PATH, HOME, ...fewestRuns, ...own },
  })
  workers.push(worker)
  return worker
}

/** Puts the clone's only candidate into the queue, as an intake that works on nothing would. */
async function takeInOnly(clone: string): Promise<number> {
  const queue = await createQueue<Jobs>(database, jobNames, { log: makeLog('silent') })
  const source = await findSource(clone, { name: 'acme/halves', forge: 'github.com', directory: '/' })
  const repository = await repositoryFor(database.db, source)
  const mirror = openMirror(join(clone, '.git'))
  const miner = minerNamed('linked-pull')
  if (miner === null) throw new Error('the miner is gone')
  const options = { db: database.db, repository, mirror, defaultBranch: 'main', miner, addNext: addNextWith(queue, 0) }
  const taken: number[] = []
  for await (const batch of discover(mirror, { repository: 'acme/halves', forge: 'github.com' }))
    taken.push(...(await takeIn(options, batch)).candidates.map(({ id }) => id))
  await mirror.close()
  await queue.stop()
  return taken[0] ?? 0
}

test('two workers on two machines, each with some of the stages, make a task together, and end in order', async () => {
  const first = startWorker('one', 'snapshot,publish')
  const second = startWorker('two', 'environment,validators')
  const candidate = await takeInOnly(makeClone())
  const done = (stage: string) => JSON.stringify({ candidate, stage })
  await first.heard(done('snapshot'))
  await second.heard(done('environment'))
  await second.heard(done('validators'))
  await first.heard(done('publish'))
  const listed = await runQuarry(['tasks', '--json'], { QUARRY_HOME: join(folder, 'one'), DATABASE_URL: database.url })
  expect(JSON.parse(listed.stdout)).toMatchObject({ task: 'acme__halves-2', fail_to_pass: 1 })
  for (const { pid } of workers) process.kill(pid, 'SIGTERM')
  expect(await Promise.all(workers.map((worker) => worker.finish()))).toEqual([0, 0])
}, 180_000)

test('a stage that there is none of is wrong usage', async () => {
  const { exitCode, stderr } = await runQuarry(['worker', '--stages', 'environment,polish'], {})
  expect(exitCode).toBe(2)
  expect(stderr).toContain('snapshot, environment, validators, publish')
})
