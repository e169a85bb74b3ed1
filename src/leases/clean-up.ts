import { sql } from 'drizzle-orm'
import type { Db } from '../db/connect.ts'
import { lockConsumer } from './consumer.ts'
import { takeBackExpired } from './give-back.ts'

/** Leases that were given nothing: a consumer that waits for tasks asks often. */
const emptyDays = 1
/** How long the same outcomes, sent again with their key, are known. */
const keyDays = 30
/** A walk that nobody went on with for so long begins anew, where somebody does. */
const walkDays = 7

/**
 * The nightly clean-up: takes back what is out of leases whose time is over, and lets go of leases that ended before a time, of walks that
 * nobody goes on with, and of what every walk has read. What was served stays known. Nothing of it is needed for leases to be right. Gives
 * how many leases went.
 */
export async function cleanLeases(db: Db, before: Date): Promise<number> {
  const { rows: late } = await db.execute<{ id: string }>(
    sql`select distinct consumer_id as id from task_leases where ended_at is null and expires_at <= clock_timestamp()`,
  )
  for (const { id } of late) await takeBackAll(db, Number(id))
  const { rows: ended } = await db.execute<{ count: number }>(sql`
    with gone as (delete from task_leases where ended_at < ${before.toISOString()} returning id),
    emptied as (delete from leased_tasks where lease_id in (select id from gone))
    select count(*)::int as count from gone`)
  await db.execute(sql`
    delete from task_leases l where ended_at < now() - make_interval(days => ${emptyDays})
      and not exists (select 1 from leased_tasks t where t.lease_id = l.id)`)
  await db.execute(sql`delete from outcome_requests where created_at < now() - make_interval(days => ${keyDays})`)
  await db.execute(sql`
    with gone as (delete from lease_walks where used_at < now() - make_interval(days => ${walkDays}) returning id),
    emptied as (delete from queued_tasks where walk_id in (select id from gone))
    delete from walked_repositories where walk_id in (select id from gone)`)
  await db.execute(sql`
    delete from returned_tasks r where not exists (
      select 1 from lease_walks w where w.consumer_id = r.consumer_id and w.seen_return < r.id)`)
  return ended[0]?.count ?? 0
}

async function takeBackAll(db: Db, consumerId: number): Promise<void> {
  for (let more = true; more; ) {
    more = await db.transaction(async (tx) => {
      await lockConsumer(tx, consumerId, 'alone')
      return (await takeBackExpired(tx, consumerId)) > 0
    })
  }
}
