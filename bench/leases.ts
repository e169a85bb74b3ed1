import { resolve } from 'node:path'
import { request } from 'undici'
import { z } from 'zod'
import { createToken, localCaller } from '../src/access/index.ts'
import type { Db } from '../src/db/connect.ts'
import { completeLease, lease } from '../src/leases/index.ts'
import { type TaskFilter, taskFilterSchema } from '../src/query/filter.ts'
import { whileServed } from './served.ts'
import { openTaskDatabase } from './task-database.ts'
import { tell } from './tell.ts'

const CALLERS = 100
const COUNT = 64
const GOAL = '≥ 5000'

/** What a trainer of middling difficulty might ask for: about one task in seven. */
const stated = taskFilterSchema.parse({
  language: ['typescript', 'javascript'],
  difficulty_min: 2,
  difficulty_max: 4,
  merged_after: '2024-01-01',
  without_flag: ['missing-before'],
})

/**
 * A hundred callers of one consumer who lease 64 tasks each at the same time, in this process and over HTTP from a server of its own, out of
 * so many tasks; then what a lease costs a consumer that was served many. `npm run bench -- leases [TASKS [FOLDER [SERVED]]]`.
 */
export default async function benchLeases() {
  const [tasks = '1000000', folder, served = '500000'] = process.argv.slice(3)
  const home = resolve(folder ?? `.quarry/bench/tasks-${tasks}`)
  const database = await openTaskDatabase(Number(tasks), folder)
  const { db } = database
  const run = `bench-${Date.now()}`
  try {
    const rows: Figure[] = []
    for (const [name, filter] of [
      ['everything', {}],
      ['a stated filter', stated],
    ] as const) {
      const consumer = `${run} ${name}`
      const first = await atOnce(() => direct(db, consumer, filter))
      const second = await atOnce(() => direct(db, consumer, filter))
      rows.push(...figuresOf(`${name}: 100 × 64, a new consumer`, first, new Set()))
      rows.push(...figuresOf(`${name}: 100 × 64 once more`, second, new Set(first.tasks)))
    }
    rows.push(...(await overHttp(db, home, run)))
    rows.push(...(await afterMany(db, `${run} served`, Number(served))))
    return { name: `Leases out of ${tasks} tasks, as row-level security shows them`, rows }
  } finally {
    await database.close()
  }
}

interface Figure {
  readonly figure: string
  readonly value: number
  readonly unit: string
  readonly goal?: string
}

interface Round {
  readonly seconds: number
  readonly tasks: readonly string[]
  readonly ms: readonly number[]
}

async function atOnce(one: () => Promise<readonly string[]>): Promise<Round> {
  const began = performance.now()
  const ms: number[] = []
  const leases = await Promise.all(
    Array.from({ length: CALLERS }, async () => {
      const names = await one()
      ms.push(performance.now() - began)
      return names
    }),
  )
  return { seconds: (performance.now() - began) / 1000, tasks: leases.flat(), ms }
}

function figuresOf(name: string, { seconds, tasks, ms }: Round, before: ReadonlySet<string>) {
  const twice = tasks.length - new Set(tasks).size + tasks.filter((task) => before.has(task)).length
  return [
    { figure: `${name}: tasks a second`, value: Math.round(tasks.length / seconds), unit: '1/s', goal: GOAL },
    { figure: '  leased', value: tasks.length, unit: 'tasks', goal: String(CALLERS * COUNT) },
    { figure: '  given twice', value: twice, unit: 'tasks', goal: '0' },
    { figure: '  the slowest caller', value: Math.max(...ms), unit: 'ms' },
  ]
}

async function direct(db: Db, consumer: string, filter: TaskFilter, count = COUNT): Promise<readonly string[]> {
  return (await leaseDirect(db, consumer, filter, count)).tasks.map(({ task }) => task.name)
}

async function leaseDirect(db: Db, consumer: string, filter: TaskFilter, count: number) {
  const asked = { consumer, count, filter, ttlSeconds: 3600, attempts: 1, againAfterSeconds: null }
  const answer = await lease(db, localCaller, asked)
  if ('refused' in answer) throw new Error(answer.refused)
  return answer.lease
}

const answered = z.object({ tasks: z.array(z.object({ task: z.string() })) })

async function overHttp(db: Db, home: string, run: string) {
  const token = await createToken(db, {
    name: run.replaceAll(' ', '-'),
    scopes: ['leases:write', 'tasks:read'],
    owners: null,
    expiresAt: null,
  })
  return whileServed(home, CALLERS, async ({ base, agent }) => {
    const ask = (consumer: string) => async () => {
      const { statusCode, body } = await request(`${base}/v1/leases`, {
        ...{ method: 'POST', dispatcher: agent, body: JSON.stringify({ consumer, count: COUNT }) },
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      })
      const text = await body.text()
      if (statusCode !== 201) throw new Error(`${statusCode}: ${text}`)
      return answered.parse(JSON.parse(text)).tasks.map(({ task }) => task)
    }
    await ask(`${run} warm`)()
    const first = await atOnce(ask(`${run} http`))
    const second = await atOnce(ask(`${run} http`))
    return [
      ...figuresOf('over HTTP: 100 × 64, a new consumer', first, new Set()),
      ...figuresOf('over HTTP: 100 × 64 once more', second, new Set(first.tasks)),
    ]
  })
}

/** One lease of 64 after the other, at first and once so many were served; and the first with another filter. */
async function afterMany(db: Db, consumer: string, served: number) {
  const before = await oneByOne(db, consumer, 60)
  const began = performance.now()
  let count = 0
  while (count < served) {
    const round = await Promise.all(Array.from({ length: 8 }, () => serveThousand(db, consumer)))
    const got = round.reduce((sum, each) => sum + each, 0)
    if (got === 0) break
    count += got
    if (count % 40_000 === 0) tell(`${count} served`)
  }
  const seconds = (performance.now() - began) / 1000
  await oneByOne(db, consumer, 5)
  const after = await oneByOne(db, consumer, 60)
  const since = performance.now()
  await direct(db, consumer, stated)
  const other = performance.now() - since
  return [
    { figure: 'a lease of 64 at first, median', value: quantile(before, 0.5), unit: 'ms' },
    { figure: '  99 in 100', value: quantile(before, 0.99), unit: 'ms' },
    { figure: 'served then', value: count, unit: 'tasks' },
    { figure: '  leased by 1000 and completed', value: Math.round(count / seconds), unit: '1/s' },
    { figure: 'a lease of 64 after that, median', value: quantile(after, 0.5), unit: 'ms', goal: 'the same' },
    { figure: '  99 in 100', value: quantile(after, 0.99), unit: 'ms' },
    { figure: 'the first lease with the stated filter after that', value: other, unit: 'ms' },
  ]
}

async function serveThousand(db: Db, consumer: string): Promise<number> {
  const { id, tasks } = await leaseDirect(db, consumer, {}, 1000)
  if (tasks.length > 0) await completeLease(db, localCaller, id)
  return tasks.length
}

async function oneByOne(db: Db, consumer: string, times: number): Promise<number[]> {
  const ms: number[] = []
  for (let n = 0; n < times; n += 1) {
    const began = performance.now()
    await direct(db, consumer, {})
    ms.push(performance.now() - began)
  }
  return ms.sort((a, b) => a - b)
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
