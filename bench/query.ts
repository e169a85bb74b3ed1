import { mkdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { drizzle } from 'drizzle-orm/node-postgres'
import { request } from 'undici'
import { createToken } from '../src/access/index.ts'
import { asCaller } from '../src/db/as-caller.ts'
import type { Database, Db } from '../src/db/connect.ts'
import { SturdyPool } from '../src/db/pool.ts'
import * as schema from '../src/db/schema.ts'
import { findPage } from '../src/query/find.ts'
import { RefusedQuery, readQuery } from '../src/query/refused.ts'
import { type Asked, anyCombination, drawn, mixOf } from './query-mix.ts'
import { whileServed } from './served.ts'
import { openTaskDatabase } from './task-database.ts'
import { tell } from './tell.ts'

const RATE = 50
const SECONDS = 40

/**
 * Pages of 100 out of so many tasks, through row-level security: a stated mix at 50 requests a second, in this process and over HTTP, and random
 * combinations of filters, one after the other. `npm run bench -- query [TASKS [FOLDER [COMBINATIONS]]]`; 1,000,000 without arguments.
 */
export default async function benchQuery() {
  const [tasks = '1000000', folder, combinations = '400'] = process.argv.slice(3)
  const home = resolve(folder ?? `.quarry/bench/tasks-${tasks}`)
  const database = await openTaskDatabase(Number(tasks), folder)
  const mix = mixOf(Number(tasks))
  try {
    for (const asked of mix) await timeOf(database.db, asked)
    const paced = await atAPace(mix, (asked, since) => timeOf(database.db, asked, since))
    const served = await overHttp(database.db, home, mix)
    const any = await anyCombinations(database.db, Number(tasks), Number(combinations))
    writePlans(await plansOf(database, mix))
    return {
      name: `A page of 100 out of ${tasks} tasks, with row-level security`,
      rows: [
        ...figures(`the mix at ${RATE} requests a second`, paced, ['≤ 5', '≤ 20']),
        ...mix.map(({ name }) => ({
          figure: `  ${name}, median`,
          value: quantile(
            paced.filter((one) => one.name === name).map(({ ms }) => ms),
            0.5,
          ),
          unit: 'ms',
        })),
        ...figures(`the same over HTTP, with the audit trail`, served, []),
        ...figures(`${any.length} random combinations of filters`, any, []),
        { figure: 'the slowest combination', value: Math.max(...any.map(({ ms }) => ms)), unit: 'ms', goal: '≤ 250' },
      ],
    }
  } finally {
    await database.close()
  }
}

interface Timed {
  readonly name: string
  readonly ms: number
}

async function timeOf(
  db: Db,
  { name, owners, query }: Omit<Asked, 'weight'>,
  since = performance.now(),
): Promise<Timed> {
  const read = readQuery(query)
  const { tasks } = await asCaller(db, { owners }, (tx) => findPage(tx, { owners }, read))
  return { name: `${name} → ${tasks.length}`, ms: performance.now() - since }
}

type Timing = (asked: Asked, since: number) => Promise<Timed>

/** Open loop: a request's time runs from when it was due, whoever else is late. */
async function atAPace(mix: readonly Asked[], time: Timing): Promise<Timed[]> {
  const random = numbers(7)
  const began = performance.now() + 100
  const asked = Array.from({ length: RATE * SECONDS }, async (_, place) => {
    const due = began + (place * 1000) / RATE
    await delay(due - performance.now())
    const one = drawn(mix, random())
    return { ...(await time(one, Math.max(due, performance.now() - 1))), name: one.name }
  })
  return Promise.all(asked)
}

/** A token for all owners, and one for each set of some. */
async function overHttp(db: Db, home: string, mix: readonly Asked[]): Promise<Timed[]> {
  const tokens = new Map<string, string>()
  for (const { owners } of mix) {
    const seen = owners?.join() ?? ''
    if (tokens.has(seen)) continue
    const name = `bench-${Date.now()}-${tokens.size}`
    tokens.set(seen, await createToken(db, { name, scopes: ['tasks:read'], owners, expiresAt: null }))
  }
  return whileServed(home, RATE, async ({ base, agent }) => {
    const time: Timing = async ({ name, owners, query }, since) => {
      const headers = { authorization: `Bearer ${tokens.get(owners?.join() ?? '')}` }
      const { statusCode, body } = await request(`${base}/v1/tasks?${inAddress(query)}`, { dispatcher: agent, headers })
      const text = await body.text()
      if (statusCode !== 200) throw new Error(`${statusCode}: ${text}`)
      return { name, ms: performance.now() - since }
    }
    for (const one of mix) for (let warm = 0; warm < 20; warm += 1) await time(one, 0)
    return atAPace(mix, time)
  })
}

function inAddress(query: Asked['query']): URLSearchParams {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, String(one)]),
  )
  return new URLSearchParams(pairs)
}

async function anyCombinations(db: Db, tasks: number, count: number): Promise<Timed[]> {
  const random = numbers(11)
  const times: Timed[] = []
  while (times.length < count) {
    const asked = anyCombination(tasks, random)
    try {
      times.push(await timeOf(db, asked))
    } catch (error) {
      // Bounds that were drawn the wrong way round.
      if (!(error instanceof RefusedQuery)) throw error
    }
  }
  for (const { name, ms } of times.toSorted((a, b) => b.ms - a.ms).slice(0, 12)) tell(`${ms.toFixed(1)} ms  ${name}`)
  return times
}

/** What Postgres does for each query of the mix: all statements of its page, explained as the reader's role. */
async function plansOf({ settings }: Database, mix: readonly Asked[]): Promise<string> {
  const asked: { query: string; params: unknown[] }[] = []
  const pool = new SturdyPool({ ...settings, max: 1 })
  const db = drizzle(pool, { schema, logger: { logQuery: (query, params) => asked.push({ query, params }) } })
  try {
    const plans: string[] = []
    for (const one of mix) {
      asked.length = 0
      await timeOf(db, one)
      const statements = asked.filter(({ query }) => query.includes(' from ') && !query.includes('set_config'))
      plans.push(`## ${one.name}\n\n${JSON.stringify(one.query)}`, ...(await explained(pool, one, statements)))
    }
    return plans.join('\n\n')
  } finally {
    await pool.end()
  }
}

async function explained(
  pool: SturdyPool,
  { owners }: Asked,
  statements: readonly { query: string; params: unknown[] }[],
) {
  const client = await pool.connect()
  try {
    const plans: string[] = []
    await client.query('begin')
    await client.query("select set_config('role', 'quarry_reader', true), set_config('quarry.owners', $1, true)", [
      owners?.join(',') ?? '*',
    ])
    for (const { query, params } of statements) {
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `explain (analyze, buffers, settings) ${query}`,
        params,
      )
      plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'))
    }
    await client.query('rollback')
    return plans
  } finally {
    client.release()
  }
}

function writePlans(plans: string): void {
  mkdirSync('.quarry/bench', { recursive: true })
  writeFileSync('.quarry/bench/query-plans.txt', `${plans}\n`)
  tell(`${plans}\n\nThe plans are kept as .quarry/bench/query-plans.txt`)
}

function figures(figure: string, times: readonly Timed[], goals: readonly string[]) {
  const all = times.map(({ ms }) => ms)
  return [0.5, 0.99].map((at, place) => ({
    figure: `${figure}, ${at * 100}th percentile`,
    value: quantile(all, at),
    unit: 'ms',
    ...(goals[place] === undefined ? {} : { goal: goals[place] }),
  }))
}

function quantile(values: readonly number[], at: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(at * (values.length - 1))] ?? 0
}

/** The same in each run (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
