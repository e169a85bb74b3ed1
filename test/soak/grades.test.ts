import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createToken } from '../../src/access/index.ts'
import { type Database, openDatabase } from '../../src/db/connect.ts'
import { grades } from '../../src/db/schema.ts'
import { appVariables } from '../end-to-end/github-sample.ts'
import { makeSample, runQuarry, type Sample } from '../end-to-end/sample.ts'
import { type GitHubServer, startGitHub } from '../github/index.ts'
import { freePort, type StoppablePostgres, startPostgres } from '../stoppable-postgres.ts'
import { tell } from '../tell.ts'
import { type Chance, makeChance } from './chance.ts'
import { expectNothingLeft } from './leftovers.ts'
import { type Supervised, supervise } from './supervise.ts'

/** SOAK_SEED repeats a run, SOAK_KILLS makes it shorter. */
const seed = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 2 ** 31))
const kills = Number(process.env.SOAK_KILLS ?? 60)
const outages = 4
const perKill = 6

let sample: Sample
let github: GitHubServer
let postgres: StoppablePostgres
let database: Database
let processes: Supervised[] = []
let address: string
let token: string

beforeAll(async () => {
  sample = await makeSample()
  github = await startGitHub()
  postgres = await startPostgres()
  const { PATH = '', HOME = '' } = process.env
  const home = { QUARRY_HOME: sample.home, DATABASE_URL: postgres.url }
  const mined = await runQuarry(['mine', sample.path, '--pulls', sample.pullsFile, '--only', '2,10'], home)
  expect(mined.exitCode, mined.stderr).toBe(0)
  database = await openDatabase({ databaseUrl: postgres.url, home: sample.home, connections: 3 })
  token = await createToken(database.db, {
    name: 'soak',
    scopes: ['grades:write', 'tests:read'],
    owners: null,
    expiresAt: null,
  })
  const port = String(await freePort())
  address = `http://127.0.0.1:${port}`
  const variables = { PATH, HOME, ...appVariables(github), ...home, PORT: port, LOG_LEVEL: 'warn' as const }
  const worker = ['worker', '--stages', 'grade', '--grace', '20']
  processes = [
    supervise('serve', ['serve', '--no-worker'], variables),
    supervise('worker 1', worker, variables),
    supervise('worker 2', worker, variables),
  ]
})

afterAll(async () => {
  await Promise.all(processes.map((each) => each.end()))
  await database?.close()
  await postgres?.remove()
  await github?.close()
  await sample?.remove()
})

interface Wanted {
  readonly task: string
  readonly patch: string
  readonly verdict: string
}

/** A fix, nothing, something wrong, or junk: most of them by themselves, some for the second time. */
function patchesBy(chance: Chance, fixes: ReadonlyMap<string, string>): Wanted[] {
  return Array.from({ length: kills * perKill }, (_, at): Wanted => {
    const task = chance.oneOf([...fixes.keys()])
    const number = chance.next() < 0.2 ? 0 : at
    const note = `diff --git a/n${number}.txt b/n${number}.txt\nnew file mode 100644\n--- /dev/null\n+++ b/n${number}.txt\n@@ -0,0 +1 @@\n+${number}\n`
    return chance.oneOf<Wanted>([
      { task, patch: `${fixes.get(task)}${note}`, verdict: 'resolved' },
      { task, patch: '', verdict: 'unresolved' },
      { task, patch: note, verdict: 'unresolved' },
      { task, patch: `junk ${number}`, verdict: 'patch-rejected' },
    ])
  })
}

const anObject = z.record(z.string(), z.unknown())

/** As a client does it: again until there is an answer, with a key that makes it once. */
async function send(path: string, init: RequestInit = {}): Promise<Record<string, unknown>> {
  for (;;) {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...init.headers }
    const answer = await fetch(address + path, { ...init, headers }).catch(() => null)
    const text = answer === null || answer.status >= 500 ? null : await answer.text().catch(() => null)
    if (answer !== null && text !== null) {
      expect(answer.status, text).toBeLessThan(300)
      return anObject.parse(JSON.parse(text))
    }
    await delay(300)
  }
}

async function ask(wanted: readonly Wanted[], key: string): Promise<string[]> {
  const body = JSON.stringify({ grades: wanted.map(({ task, patch }) => ({ task, patch })) })
  const answer = await send('/v1/grades', { method: 'POST', body, headers: { 'idempotency-key': key } })
  return z
    .array(z.object({ grade: z.string() }))
    .parse(answer.grades)
    .map(({ grade }) => grade)
}

async function outcomeOf(grade: string): Promise<Record<string, unknown>> {
  for (;;) {
    const found = await send(`/v1/grades/${grade}?wait=20`)
    if (found.state === 'done') return found
  }
}

type Step = 'kill' | 'fast' | 'immediate'

function stepsBy(chance: Chance): Step[] {
  const some = Array.from({ length: outages }, (_, at): Step => (at % 2 === 0 ? 'immediate' : 'fast'))
  return chance.shuffled<Step>([...Array<Step>(kills).fill('kill'), ...some])
}

async function take(step: Step, chance: Chance): Promise<void> {
  if (step === 'kill') {
    while (!chance.shuffled(processes).some((each) => each.kill())) await delay(50)
    return
  }
  await postgres.stop(step)
  await delay(200 + chance.next() * 4000)
  await postgres.start()
}

test(`seed ${seed}: ${kills} SIGKILLs and ${outages} ends of Postgres in the middle of grades: each ends, once, right`, async () => {
  const begun = Date.now()
  const chance = makeChance(seed)
  const fixes = new Map<string, string>()
  for (const task of ['acme__shop-2', 'acme__shop-10']) {
    const home = { QUARRY_HOME: sample.home, DATABASE_URL: postgres.url }
    fixes.set(task, (await runQuarry(['task', task, '--patch', 'fix'], home)).stdout)
  }
  const wanted = patchesBy(chance, fixes)
  const steps = stepsBy(chance)
  const perStep = Math.ceil(wanted.length / steps.length)
  const asking: Promise<string[]>[] = []
  for (const [at, step] of steps.entries()) {
    const some = wanted.slice(at * perStep, (at + 1) * perStep)
    if (some.length > 0) asking.push(ask(some, `${seed}-${at}`))
    await delay(200 + chance.next() * 3000)
    await take(step, chance)
  }
  const asked = (await Promise.all(asking)).flat()
  const ended = await Promise.all(asked.map(outcomeOf))
  const { rows } = await database.db.execute(
    sql`select max(attempts)::int as most, sum(attempts)::int as attempts, count(*)::int as grades from grades`,
  )
  const lives = processes.map(({ name, pids, ownEnds }) => `${name}: ${pids.length} lives, ${ownEnds.length} own ends`)
  tell(
    `seed ${seed}: ${asked.length} patches asked for, ${JSON.stringify(rows[0])}, ${((Date.now() - begun) / 1000).toFixed()} s; ${lives.join('; ')}`,
  )
  for (const line of processes.flatMap(({ failedJobs }) => failedJobs)) tell(`tried again: ${line}`)

  expect(ended.map(({ task, verdict }) => `${task} ${verdict}`)).toEqual(
    wanted.map(({ task, verdict }) => `${task} ${verdict}`),
  )
  expect(ended.every(({ verdict, reward }) => reward === (verdict === 'resolved' ? 1 : 0))).toBe(true)
  expect(await database.db.$count(grades)).toBe(new Set(wanted.map(({ task, patch }) => `${task} ${patch}`)).size)
  expect(await Promise.all(processes.map((each) => each.stop()))).toEqual([0, 0, 0])
  // A database that is away may end what is just starting, in words; nothing else ends by itself.
  for (const { said } of processes.flatMap(({ ownEnds }) => ownEnds))
    expect(said.join('\n')).toMatch(
      /^(error: The database named by DATABASE_URL can't be reached|fault \(database-away\))/m,
    )
  const left = await database.db.execute(
    sql`select name, state::text from pgboss.job where state < 'completed' or name = 'dead'`,
  )
  expect(left.rows).toEqual([])
  expectNothingLeft(
    sample.home,
    processes.flatMap(({ pids }) => pids),
  )
})
