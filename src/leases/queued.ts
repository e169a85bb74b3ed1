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
    insert into queued_tasks (walk_id, position, task_id)
    select ${walk.id}, ${walk.nextPosition}::bigint + u.place, u.id
    from unnest(${sql.param([...tasks])}::bigint[]) with ordinality u(id, place) join tasks t on t.id = u.id
    where ${isFree(walk, free)}`)
  walk.nextPosition += tasks.length + 1
  return rowCount ?? 0
}

/** Whether so many are in a walk's queue, free or not. */
export async function holds(tx: Tx, { id, firstPosition }: Walk, count: number): Promise<boolean> {
  const { rows } = await tx.execute(
    sql`select from queued_tasks where walk_id = ${id} and position >= ${firstPosition} limit ${count}`,
  )
  return rows.length >= count
}

/** A task that may be given. */
export interface FreeTask {
  readonly id: number
  readonly name: string
}

/**
 * Takes the next tasks that may be given out of a walk's queue, in its order: `count` of them, or fewer where the queue ends. What others
 * are about to take is passed over. What is found not to match any more, or not to be free, is dropped: it comes again by whatever
 * changes that.
 */
export async function takeFromQueue(tx: Tx, walk: Walk, wish: Wish, count: number): Promise<FreeTask[]> {
  const free = new Map<string, FreeTask>()
  while (free.size < count) {
    const wanted = count - free.size
    const ids = await pop(tx, walk, wanted)
    for (const task of await stillFree(tx, walk, wish, ids)) if (!free.has(task.name)) free.set(task.name, task)
    if (ids.length < wanted) break
  }
  return [...free.values()]
}

async function pop(tx: Tx, { id, firstPosition }: Walk, count: number): Promise<number[]> {
  // An array is made once: a join might run the inner query again, and lock and take other rows each time.
  const { rows } = await tx.execute<{ position: string; task_id: string }>(sql`
    delete from queued_tasks where walk_id = ${id} and position = any(array(
      select position from queued_tasks where walk_id = ${id} and position >= ${firstPosition}
      order by position limit ${count} for update skip locked))
    returning position, task_id`)
  return rows.sort((a, b) => Number(a.position) - Number(b.position)).map(({ task_id }) => Number(task_id))
}

async function stillFree(tx: Tx, walk: Walk, wish: Wish, ids: readonly number[]): Promise<FreeTask[]> {
  if (ids.length === 0) return []
  const { rows } = await tx.execute<{ id: string; name: string }>(sql`
    select t.id, t.name from unnest(${sql.param([...ids])}::bigint[]) with ordinality u(id, place) join tasks t on t.id = u.id
    where ${isFree(walk, 'never served or due')}
    order by u.place`)
  const matching = await matchingAmong(
    tx,
    wish,
    rows.map(({ id }) => Number(id)),
  )
  return rows.flatMap(({ id, name }) => (matching.has(Number(id)) ? [{ id: Number(id), name }] : []))
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
