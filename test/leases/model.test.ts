import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { localCaller } from '../../src/access/index.ts'
import type { Db } from '../../src/db/connect.ts'
import { completeLease, type Lease, releaseLease, renewLease } from '../../src/leases/index.ts'
import { type WalkSizes, walkSizes } from '../../src/leases/walking.ts'
import { addRepository, addTask, endTask } from '../filled-database.ts'
import { testDatabase } from '../postgres.ts'
import { leased, letPass, namesOf } from './scene.ts'

let database: Awaited<ReturnType<typeof testDatabase>>
beforeEach(async () => {
  database = await testDatabase()
})
afterEach(() => database.close())

const languages = ['javascript', 'typescript'] as const
const DAY = 86_400

interface ModelTask {
  readonly id: number
  readonly name: string
  readonly repository: number
  readonly number: number
  readonly language: string
  state: 'live' | 'quarantined' | 'retired'
}
interface ModelLease {
  readonly id: string
  readonly consumer: string
  expiresAt: number
  readonly out: Set<string>
}

/** All that leases promise, said plainly: sets, and a clock. */
class Model {
  now = 0
  readonly newest = new Map<string, ModelTask>()
  readonly leases: ModelLease[] = []
  /** consumer → name → when it was completed. */
  readonly served = new Map<string, Map<string, number>>()

  open(): ModelLease[] {
    return this.leases.filter((lease) => lease.expiresAt > this.now && lease.out.size > 0)
  }

  /** Names that a consumer may be given. */
  free(consumer: string, language: string | null, againAfter: number | null): Set<string> {
    const out = new Set(this.open().flatMap((lease) => (lease.consumer === consumer ? [...lease.out] : [])))
    const done = this.served.get(consumer)
    const due = (name: string) => {
      const at = done?.get(name)
      return at === undefined || (againAfter !== null && at <= this.now - againAfter)
    }
    const tasks = [...this.newest.values()].filter(
      (task) => task.state === 'live' && (language === null || task.language === language),
    )
    return new Set(tasks.map(({ name }) => name).filter((name) => !out.has(name) && due(name)))
  }

  complete(lease: ModelLease, names: Iterable<string>): void {
    const done = this.served.get(lease.consumer) ?? new Map<string, number>()
    this.served.set(lease.consumer, done)
    for (const name of names) if (lease.out.delete(name)) done.set(name, this.now)
  }
}

/** mulberry32. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

class Run {
  readonly model = new Model()
  readonly db: Db
  readonly next: () => number
  readonly repositories: number[]
  pulls = 0

  readonly sizes: WalkSizes

  constructor(db: Db, seed: number, sizes: WalkSizes, repositories: number[]) {
    this.db = db
    this.sizes = sizes
    this.next = random(seed)
    this.repositories = repositories
  }

  pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.next() * from.length)]
  }

  some<T>(from: Iterable<T>): T[] {
    return [...from].filter(() => this.next() < 0.5)
  }

  async publish(): Promise<void> {
    this.pulls += 1
    await this.add(this.pick(this.repositories) ?? 0, this.pulls, this.pick(languages) ?? 'javascript')
  }

  async revise(): Promise<void> {
    const task = this.pick([...this.model.newest.values()])
    if (task !== undefined) await this.add(task.repository, task.number, this.pick(languages) ?? 'javascript')
  }

  async add(repository: number, number: number, language: string): Promise<void> {
    const id = await addTask(this.db, repository, number, { language })
    const { rows } = await this.db.execute<{ name: string }>(sql`select name from tasks where id = ${id}`)
    const name = rows[0]?.name ?? ''
    this.model.newest.set(name, { id, name, repository, number, language, state: 'live' })
  }

  async end(): Promise<void> {
    const task = this.pick([...this.model.newest.values()].filter(({ state }) => state === 'live'))
    if (task === undefined) return
    task.state = this.next() < 0.7 ? 'quarantined' : 'retired'
    await endTask(this.db, task.id, task.state)
  }

  async republish(): Promise<void> {
    const task = this.pick([...this.model.newest.values()].filter(({ state }) => state === 'quarantined'))
    if (task === undefined) return
    task.state = 'live'
    await this.db.transaction(async (tx) => {
      await tx.execute(sql`update publication_counter set last = last + 1`)
      await tx.execute(
        sql`insert into publications (sequence, task_id, event) select last, ${task.id}, 'published' from publication_counter`,
      )
      await tx.execute(sql`update tasks set state = 'live' where id = ${task.id}`)
    })
  }

  async lease(): Promise<void> {
    const consumer = this.pick(['one', 'two']) ?? 'one'
    const language = this.pick([null, ...languages]) ?? null
    const againAfterSeconds = this.next() < 0.25 ? 3 * DAY : null
    const count = 1 + Math.floor(this.next() * 6)
    const ttlSeconds = this.pick([DAY / 2, DAY, 2 * DAY]) ?? DAY
    const free = this.model.free(consumer, language, againAfterSeconds)
    const filter = language === null ? {} : { language: [language] }
    const given: Lease = await leased(
      this.db,
      { consumer, count, ttlSeconds, filter, againAfterSeconds },
      { sizes: this.sizes },
    )
    const names = namesOf(given)
    expect(new Set(names).size).toBe(names.length)
    expect(names.filter((name) => !free.has(name))).toEqual([])
    expect(names.length).toBe(Math.min(count, free.size))
    for (const { task } of given.tasks) expect(task.id).toBe(this.model.newest.get(task.name)?.id)
    this.model.leases.push({ id: given.id, consumer, expiresAt: this.model.now + ttlSeconds, out: new Set(names) })
  }

  async settle(): Promise<void> {
    const lease = this.pick(this.model.open())
    if (lease === undefined) return
    const all = this.next() < 0.5
    const names = all ? [...lease.out] : this.some(lease.out)
    if (names.length === 0) return
    if (this.next() < 0.6) {
      await completeLease(this.db, localCaller, lease.id, all ? null : names)
      this.model.complete(lease, names)
    } else {
      await releaseLease(this.db, localCaller, lease.id, all ? null : names)
      for (const name of names) lease.out.delete(name)
    }
  }

  async renew(): Promise<void> {
    const lease = this.pick(this.model.leases.filter(({ out }) => out.size > 0))
    if (lease === undefined) return
    const renewed = await renewLease(this.db, localCaller, lease.id, DAY)
    expect('lease' in renewed).toBe(lease.expiresAt > this.model.now)
    if ('lease' in renewed) lease.expiresAt = this.model.now + DAY
  }

  /** All that the database holds of times is set back: nobody waits. */
  async letDaysPass(): Promise<void> {
    const seconds = (this.pick([0.4, 0.8, 1.6, 3.2]) ?? 1) * DAY
    this.model.now += seconds
    const ago = sql`make_interval(secs => ${seconds})`
    await letPass(this.db, null, seconds)
    await this.db.execute(sql`update served_tasks set served_at = served_at - ${ago} where served_at is not null`)
    await this.db.execute(
      sql`update lease_walks set seen_served_at = seen_served_at - ${ago} where seen_served_at is not null`,
    )
  }

  async step(): Promise<void> {
    const steps: [number, () => Promise<void>][] = [
      [22, () => this.publish()],
      [5, () => this.revise()],
      [7, () => this.end()],
      [5, () => this.republish()],
      [35, () => this.lease()],
      [14, () => this.settle()],
      [4, () => this.renew()],
      [8, () => this.letDaysPass()],
    ]
    let at = this.next() * 100
    for (const [weight, step] of steps) {
      at -= weight
      if (at < 0) return step()
    }
  }

  /** In the end everything that is free is there to be had, and no more. */
  async takeAll(): Promise<void> {
    for (const consumer of ['one', 'two']) {
      const free = this.model.free(consumer, null, null)
      expect(namesOf(await leased(this.db, { consumer, count: 1000 }, { sizes: this.sizes })).sort()).toEqual(
        [...free].sort(),
      )
    }
  }
}

/** So small that every walk goes from repository to repository, and takes over from others. */
const tiny: WalkSizes = { few: 0, worthTakingOver: 3, look: { least: 1, usual: 4, most: 8 }, chunk: 2 }
const runs = [1, 3, 5, 7].map((seed) => ({ seed, sizes: seed <= 2 ? walkSizes : tiny }))

test.each(runs)(
  'two consumers do whatever they like: none twice, nothing lost (seed $seed)',
  async ({ seed, sizes }) => {
    const repositories = [
      await addRepository(database.db),
      await addRepository(database.db, 'acme/tool'),
      await addRepository(database.db, 'small/one'),
    ]
    const run = new Run(database.db, seed, sizes, repositories)
    for (let n = 0; n < 150; n += 1) await run.step()
    await run.takeAll()
  },
)
