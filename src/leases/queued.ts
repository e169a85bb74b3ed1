import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../db/connect.ts'
import { matching, seen, type Wish } from './matching.ts'
import type { Walk, Walking } from './walking.ts'

/** `due`: what was completed longer ago than the walk's consumer asked for counts as free, too. */
export type Free = 'never served' | 'never served or due'

/**
 * That a consumer does not have a task, whose name is `t.name`. A scalar subquery, which is one look at the primary key: what the planner knows
 * of this table is old whenever many are leased, and by a join it would read all that was ever served.
 */
function isFree({ consumerId, againAfterSeconds }: Walk, free: Free): SQL {
  const due =
    free === 'never served' || againAfterSeconds === null
      ? sql``
      : sql`and (s.lease_id is not null or s.served_at > clock_timestamp() - make_interval(secs => ${againAfterSeconds}))`
  return sql`(select true from served_tasks s where s.consumer_id = ${consumerId} and s.name = t.name ${due}) is null`
}

/** Puts found tasks at the end of a walk's queue, without those that the consumer has. Gives how many that were. */
export async function addToQueue({ tx, walk }: Walking, tasks: readonly number[], free: Free): Promise<number> {
  if (tasks.length === 0) return 0
  const { rowCount } = await tx.execute(sql`
    insert into queued_tasks (walk_id, position, task_id, name)
    select ${walk.id}, ${walk.nextPosition}::bigint + u.place, u.id, t.name
    from unnest(${sql.param([...tasks])}::bigint[]) with ordinality u(id, place) join tasks t on t.id = u.id
    where ${isFree(walk, free)}`)
  walk.nextPosition += tasks.length + 1
  return rowCount ?? 0
}

/** A task that may be given. */
export interface FreeTask {
  readonly id: number
  readonly name: string
}

/**
 * The next tasks of a walk's queue that may be given, in its order: `count` of them, or fewer where the queue ends. What is found not to match
 * any more, or not to be free, is dropped: it comes again by whatever changes that. `saveWalk` lets go of all that was passed.
 */
export async function takeFromQueue(walking: Walking, count: number): Promise<FreeTask[]> {
  const free = new Map<string, FreeTask>()
  while (free.size < count) {
    const wanted = count - free.size
    const queued = await nextInQueue(walking, wanted)
    for (const task of await thatMatch(walking, queued)) if (!free.has(task.name)) free.set(task.name, task)
    if (queued.length < wanted) break
  }
  return [...free.values()]
}

interface QueuedTask extends FreeTask {
  readonly isFree: boolean
}

async function nextInQueue({ tx, walk }: Walking, count: number): Promise<QueuedTask[]> {
  const { rows } = await tx.execute<{ position: string; id: string; name: string; free: boolean }>(sql`
    select t.position, t.task_id as id, t.name, ${isFree(walk, 'never served or due')} as free
    from queued_tasks t where t.walk_id = ${walk.id} and t.position >= ${walk.firstPosition} order by t.position limit ${count}`)
  walk.firstPosition = Number(rows.at(-1)?.position ?? walk.firstPosition - 1) + 1
  return rows.map(({ id, name, free }) => ({ id: Number(id), name, isFree: free }))
}

async function thatMatch(walking: Walking, queued: readonly QueuedTask[]): Promise<FreeTask[]> {
  const free = queued.filter(({ isFree }) => isFree)
  const matching = await matchingAmong(
    walking.tx,
    walking,
    free.map(({ id }) => id),
  )
  return free.filter(({ id }) => matching.has(id))
}

/** Those of some tasks that the caller sees and its filter takes. */
export async function matchingAmong(tx: Tx, wish: Wish, ids: readonly number[]): Promise<ReadonlySet<number>> {
  if (ids.length === 0) return new Set()
  const { rows } = await seen(tx, wish, () =>
    tx.execute<{ id: string }>(
      sql`select task_id as id from (${matching(wish)}) f where task_id = any(${sql.param([...ids])}::bigint[])`,
    ),
  )
  return new Set(rows.map(({ id }) => Number(id)))
}
