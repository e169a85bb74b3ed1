import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Db } from '../src/db/connect.ts'
import { streamTasks } from '../src/query/find.ts'
import { listedTask } from '../src/query/listed.ts'
import { readQuery } from '../src/query/refused.ts'
import { peakMemory } from './process-figures.ts'
import { openTaskDatabase } from './task-database.ts'

const SLOW_SECONDS = 10
const everyone = { owners: null }

/**
 * All tasks as NDJSON, through row-level security: into a reader that takes what comes, and into a slow one. `npm run bench -- stream
 * [TASKS [FOLDER]]`; 1,000,000 without arguments, on the database of `bench -- query`.
 */
export default async function benchStream() {
  const [tasks = '1000000', folder] = process.argv.slice(3)
  const database = await openTaskDatabase(Number(tasks), folder)
  try {
    const slow = await readSlowly(database.db)
    const fast = await readAll(database.db)
    return {
      name: `${fast.tasks} tasks as NDJSON`,
      rows: [
        { figure: 'tasks a second', value: fast.tasks / fast.seconds, unit: '1/s', goal: '≥ 20000' },
        { figure: 'processor time of this process a task', value: fast.worked / fast.tasks, unit: 'µs' },
        { figure: 'bytes a task', value: fast.bytes / fast.tasks, unit: 'bytes' },
        { figure: 'memory at its peak', value: peakMemory('self'), unit: 'MiB', goal: '≤ 300' },
        { figure: 'a slow reader: tasks taken', value: slow.tasks, unit: 'tasks' },
        { figure: 'a slow reader: oldest transaction seen', value: slow.oldest * 1000, unit: 'ms', goal: '≤ 500' },
        { figure: 'a slow reader: looks that saw none open', value: slow.idle * 100, unit: '%' },
      ],
    }
  } finally {
    await database.close()
  }
}

async function* lines(db: Db): AsyncGenerator<string> {
  let chunk: string[] = []
  for await (const task of streamTasks(db, everyone, readQuery({}))) {
    chunk.push(JSON.stringify(listedTask(task)))
    if (chunk.length < 100) continue
    yield `${chunk.join('\n')}\n`
    chunk = []
  }
  yield chunk.map((line) => `${line}\n`).join('')
}

async function readAll(db: Db) {
  const taken = { tasks: 0, bytes: 0 }
  const reader = new Writable({
    write(chunk: Buffer, _, done) {
      taken.bytes += chunk.length
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) taken.tasks += 1
      done()
    },
  })
  const [began, used] = [performance.now(), process.cpuUsage()]
  await pipeline(Readable.from(lines(db)), reader)
  const { user, system } = process.cpuUsage(used)
  return { ...taken, seconds: (performance.now() - began) / 1000, worked: user + system }
}

/** A reader of 2000 tasks a second, and how long transactions were open meanwhile. */
async function readSlowly(db: Db) {
  const until = Date.now() + SLOW_SECONDS * 1000
  const ages: number[] = []
  let tasks = 0
  for await (const _task of streamTasks(db, everyone, readQuery({ sort: 'oldest' }))) {
    tasks += 1
    if (tasks % 100 > 0) continue
    await delay(50)
    ages.push(await oldestTransaction(db))
    if (Date.now() > until) break
  }
  return { tasks, oldest: Math.max(...ages), idle: ages.filter((age) => age === 0).length / ages.length }
}

/** Seconds. */
async function oldestTransaction(db: Db): Promise<number> {
  const { rows } = await db.execute<{ age: number }>(`
    select coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0)::float8 as age from pg_stat_activity
    where datname = current_database() and xact_start is not null and pid <> pg_backend_pid() and backend_type = 'client backend'`)
  return rows[0]?.age ?? 0
}
