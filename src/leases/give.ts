import { sql } from 'drizzle-orm'
import { recordServings } from '../access/index.ts'
import type { Db, Tx } from '../db/connect.ts'
import { holdConsumer } from './consumer.ts'
import { makeWish } from './matching.ts'
import { type OpenedLease, openLeases, type Reopened } from './open.ts'
import { type FreeTask, takeFromQueue } from './queued.ts'
import { refill } from './refill.ts'
import { type Asked, filterJson, walkKey } from './request.ts'
import { beginWalk, findWalk, saveWalk } from './walk.ts'
import type { Walk } from './walking.ts'

/** A lease that was made, or is there already. */
export type Given = OpenedLease | Reopened

/**
 * Answers requests of one consumer for the same, first come first, all in one transaction that nobody else of the consumer's runs beside. Those
 * `behind` them are looked for along with them.
 */
export function giveTogether(db: Db, batch: readonly Asked[], behind: readonly Asked[]): Promise<Given[]> {
  return db.transaction(async (tx) => {
    const [first] = batch
    if (first === undefined) return []
    const consumerId = await holdConsumer(tx, first.caller, first.request.consumer)
    const given = await openLeases(tx, consumerId, batch)
    const opened = given.flatMap((each) => ('tasks' in each ? [each] : []))
    if (opened.length > 0) await fill(tx, consumerId, first, opened, sumOf(behind))
    await endEmpty(tx, opened)
    await noteServed(tx, batch, given)
    return given
  })
}

const sumOf = (asked: readonly Asked[]) => asked.reduce((sum, { request }) => sum + request.count, 0)

async function fill(
  tx: Tx,
  consumerId: number,
  { caller, request, sizes }: Asked,
  opened: readonly OpenedLease[],
  ahead: number,
): Promise<void> {
  const known = await findWalk(tx, consumerId, walkKey(request))
  const wish = { ...(await makeWish(tx, caller, request.filter)), sizes }
  const walk = known ?? (await beginWalk(tx, consumerId, request, wish))
  const walking = { tx, walk, ...wish }
  const from = walk.firstPosition
  for (let wanted = roomIn(opened); wanted > 0; wanted = roomIn(opened)) {
    const free = await takeFromQueue(walking, wanted)
    if (free.length > 0) await handOver(tx, walk, opened, free)
    else if (!(await refill(walking, wanted, ahead))) break
  }
  await saveWalk(walking, from)
}

function roomIn(opened: readonly OpenedLease[]): number {
  return opened.reduce((sum, { count, tasks }) => sum + count - tasks.length, 0)
}

/** Writes what the leases hold, one after the other. A task that the consumer came to have all the same is left out. */
async function handOver(
  tx: Tx,
  { consumerId, againAfterSeconds }: Walk,
  opened: readonly OpenedLease[],
  free: readonly FreeTask[],
): Promise<void> {
  const dealt = deal(opened, free)
  const due = sql`do update set task_id = excluded.task_id, lease_id = excluded.lease_id
    where served_tasks.lease_id is null and served_tasks.served_at <= clock_timestamp() - make_interval(secs => ${againAfterSeconds})`
  const { rows } = await tx.execute<{ name: string }>(sql`
    with given as (
      select * from unnest(${sql.param(dealt.map(({ lease }) => lease.id))}::uuid[], ${sql.param(dealt.map(({ position }) => position))}::int[],
        ${sql.param(dealt.map(({ task }) => task.id))}::bigint[], ${sql.param(dealt.map(({ task }) => task.name))}::text[])
        given(lease_id, position, task_id, name)),
    taken as (
      insert into served_tasks (consumer_id, name, task_id, lease_id)
      select ${consumerId}, name, task_id, lease_id from given order by name
      on conflict (consumer_id, name) ${againAfterSeconds === null ? sql`do nothing` : due}
      returning name)
    insert into leased_tasks (lease_id, position, task_id, name, state)
    select lease_id, position, task_id, name, 'leased' from given join taken using (name)
    returning name`)
  const taken = new Set(rows.map(({ name }) => name))
  for (const { lease, task } of dealt) if (taken.has(task.name)) lease.tasks.push(task.id)
}

interface Dealt {
  readonly lease: OpenedLease
  readonly position: number
  readonly task: FreeTask
}

/** Each lease is filled before the next. */
function deal(opened: readonly OpenedLease[], free: readonly FreeTask[]): Dealt[] {
  const places = opened.flatMap((lease) =>
    Array.from({ length: lease.count - lease.tasks.length }, (_, n) => ({
      lease,
      position: lease.tasks.length + 1 + n,
    })),
  )
  return free.flatMap((task, n) => {
    const place = places[n]
    return place === undefined ? [] : [{ ...place, task }]
  })
}

/** Nothing of them is out. */
async function endEmpty(tx: Tx, opened: readonly OpenedLease[]): Promise<void> {
  const empty = opened.filter(({ tasks }) => tasks.length === 0).map(({ id }) => id)
  if (empty.length === 0) return
  await tx.execute(sql`update task_leases set ended_at = clock_timestamp() where id = any(${sql.param(empty)}::uuid[])`)
}

/** Who is given a lease again is served it again. */
async function noteServed(tx: Tx, batch: readonly Asked[], given: readonly Given[]): Promise<void> {
  const again = given.flatMap((each) => ('refused' in each || 'tasks' in each ? [] : [each.id]))
  const held = await countTasks(tx, again)
  const served = batch.flatMap(({ caller, request }, place) => {
    const lease = given[place]
    if (lease === undefined || 'refused' in lease) return []
    const isNew = 'tasks' in lease
    const tasks = isNew ? lease.tasks.length : (held.get(lease.id) ?? 0)
    const detail = { lease: lease.id, consumer: request.consumer, filter: filterJson(request.filter), again: !isNew }
    return [{ caller, serving: { what: 'lease', taskId: null, tasks, detail } }]
  })
  await recordServings(tx, served)
}

async function countTasks(tx: Tx, leases: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (leases.length === 0) return new Map()
  const { rows } = await tx.execute<{ id: string; count: number }>(sql`
    select lease_id as id, count(*)::int as count from leased_tasks where lease_id = any(${sql.param([...leases])}::uuid[]) group by 1`)
  return new Map(rows.map(({ id, count }) => [id, count]))
}
