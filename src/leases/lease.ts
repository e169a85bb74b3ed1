import { and, eq, sql } from 'drizzle-orm'
import type { Caller } from '../access/index.ts'
import type { Db, Tx } from '../db/connect.ts'
import { taskLeases } from '../db/schema.ts'
import { consumerOf, lockConsumer } from './consumer.ts'
import { makeWish } from './matching.ts'
import { type FreeTask, holds, takeFromQueue } from './queued.ts'
import { refill } from './refill.ts'
import { digestOf, type LeaseRequest, walkKey } from './request.ts'
import { showLease } from './show.ts'
import type { Lease } from './types.ts'
import { beginWalk, findWalk, saveWalk } from './walk.ts'
import { type Walk, type WalkSizes, walkSizes } from './walking.ts'

export type LeaseAnswer = { readonly lease: Lease; readonly again: boolean } | { readonly refused: 'key-used' }

export interface LeaseOptions {
  /** The sender's own key for the request. */
  readonly key?: string | null
  readonly sizes?: WalkSizes
}

/**
 * Leases to a consumer the next tasks that it was never served, fairly over repositories: `count` of them, or fewer where there are no more.
 * With a key of the sender's own the same request is given the same lease again; `key-used`: the key came with another request.
 */
export async function lease(
  db: Db,
  caller: Caller,
  request: LeaseRequest,
  { key = null, sizes = walkSizes }: LeaseOptions = {},
): Promise<LeaseAnswer> {
  const consumerId = await consumerOf(db, caller, request.consumer)
  const asked: Asked = { caller, consumerId, request, key, sizes }
  const given = await give(db, asked)
  if ('refused' in given) return given
  const shown = await showLease(db, caller, given.id)
  if (shown === null) throw new Error(`the lease ${given.id} is not there for who was given it`)
  return { lease: shown, again: given.again }
}

interface Asked {
  readonly caller: Caller
  readonly consumerId: number
  readonly request: LeaseRequest
  readonly key: string | null
  readonly sizes: WalkSizes
}

type Given = { readonly id: string; readonly again: boolean } | { readonly refused: 'key-used' }

/** Who waited to fill the queue while another did takes from it like everybody, unless that was in vain too often. */
async function give(db: Db, asked: Asked): Promise<Given> {
  for (let turn = 1; ; turn += 1) {
    const given = (await giveFromQueue(db, asked)) ?? (await giveAfterRefill(db, asked, turn <= 3))
    if (given !== null) return given
  }
}

/** The queue held too little: what was done is undone. */
class TooLittle extends Error {}

/** Out of what the walk has found already, beside any number of others; null where that does not do. */
async function giveFromQueue(db: Db, asked: Asked): Promise<Given | null> {
  const { caller, consumerId, request } = asked
  try {
    return await db.transaction(async (tx) => {
      await lockConsumer(tx, consumerId, 'beside')
      const walk = await findWalk(tx, consumerId, walkKey(request))
      if (walk === null) return null
      // With a key it may be there already, and nothing is to be taken.
      const before = asked.key === null ? null : await openLease(tx, asked)
      if (before !== null && !('ttl' in before)) return before
      const wish = await makeWish(tx, caller, request.filter)
      const free = await takeFromQueue(tx, walk, wish, request.count)
      if (free.length < request.count) throw new TooLittle()
      const opened = before ?? (await openLease(tx, asked))
      if (!('ttl' in opened)) return opened
      if ((await handOver(tx, { ...opened, walk }, free, 0)) < request.count) throw new TooLittle()
      return { id: opened.id, again: false }
    })
  } catch (error) {
    if (error instanceof TooLittle) return null
    throw error
  }
}

/** Alone, so that what is missing can be looked for, and nothing left is nothing left. Null where another has filled the queue meanwhile. */
function giveAfterRefill(db: Db, asked: Asked, mayLeave: boolean): Promise<Given | null> {
  const { caller, consumerId, request, sizes } = asked
  return db.transaction(async (tx) => {
    await lockConsumer(tx, consumerId, 'alone')
    const known = await findWalk(tx, consumerId, walkKey(request))
    if (mayLeave && known !== null && (await holds(tx, known, request.count))) return null
    const opened = await openLease(tx, asked)
    if (!('ttl' in opened)) return opened
    const wish = { ...(await makeWish(tx, caller, request.filter)), sizes }
    const walk = known ?? (await beginWalk(tx, consumerId, request, wish))
    let count = 0
    while (count < request.count) {
      const free = await takeFromQueue(tx, walk, wish, request.count - count)
      if (free.length > 0) count += await handOver(tx, { ...opened, walk }, free, count)
      else if (!(await refill({ tx, walk, ...wish }, request.count - count))) break
    }
    await saveWalk({ tx, walk, ...wish })
    if (count === 0)
      await tx.update(taskLeases).set({ endedAt: sql`clock_timestamp()` }).where(eq(taskLeases.id, opened.id))
    return { id: opened.id, again: false }
  })
}

/** Writes the lease's row; where its key was used before it gives what came of that. */
async function openLease(
  tx: Tx,
  { caller, consumerId, request, key }: Asked,
): Promise<Given | { readonly id: string; readonly ttl: number }> {
  const requestDigest = key === null ? null : digestOf(request)
  const [made] = await tx
    .insert(taskLeases)
    .values({
      ...{
        consumerId,
        requestDigest,
        tokenId: caller.tokenId,
        attempts: request.attempts,
        ttlSeconds: request.ttlSeconds,
      },
      idempotencyKey: key,
      createdAt: sql`clock_timestamp()`,
      expiresAt: sql`clock_timestamp() + make_interval(secs => ${request.ttlSeconds})`,
    })
    .onConflictDoNothing()
    .returning({ id: taskLeases.id })
  if (made !== undefined) return { id: made.id, ttl: request.ttlSeconds }
  const [before] = await tx
    .select({ id: taskLeases.id, digest: taskLeases.requestDigest })
    .from(taskLeases)
    .where(and(eq(taskLeases.tokenId, caller.tokenId ?? 0), eq(taskLeases.idempotencyKey, key ?? '')))
  if (before === undefined) throw new Error('a lease was neither made nor there')
  return before.digest === requestDigest ? { id: before.id, again: true } : { refused: 'key-used' }
}

/** Writes what the lease holds; a task that another took in the same instant is left out. Gives how many it got. */
async function handOver(
  tx: Tx,
  { id, walk }: { readonly id: string; readonly walk: Walk },
  free: readonly FreeTask[],
  before: number,
): Promise<number> {
  const due = sql`do update set task_id = excluded.task_id, lease_id = excluded.lease_id
    where served_tasks.lease_id is null and served_tasks.served_at <= clock_timestamp() - make_interval(secs => ${walk.againAfterSeconds})`
  // In the order of names: two that write the same rows then never wait for each other.
  const { rowCount } = await tx.execute(sql`
    with given as (
      select * from unnest(${sql.param(free.map((task) => task.id))}::bigint[], ${sql.param(free.map(({ name }) => name))}::text[])
        with ordinality given(task_id, name, place)),
    taken as (
      insert into served_tasks (consumer_id, name, task_id, lease_id)
      select ${walk.consumerId}, name, task_id, ${id} from given order by name
      on conflict (consumer_id, name) ${walk.againAfterSeconds === null ? sql`do nothing` : due}
      returning name)
    insert into leased_tasks (lease_id, position, task_id, name, state)
    select ${id}, ${before} + place, task_id, name, 'leased' from given join taken using (name) order by place`)
  return rowCount ?? 0
}
