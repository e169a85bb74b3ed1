import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../db/connect.ts'

/** Leases looked at in one go. */
const most = 20

/**
 * Takes back what is out of some leases, or the named tasks of it: a task that was never completed is as if it had never been served. The
 * leases' rows are locked, or the consumer's lock is held alone.
 */
export async function giveBack(
  tx: Tx,
  which: { readonly consumerId: number; readonly leases: readonly string[]; readonly tasks?: readonly number[] },
  state: 'released' | 'expired',
): Promise<void> {
  const { consumerId, leases, tasks } = which
  const named: SQL = tasks === undefined ? sql`` : sql`and task_id = any(${sql.param([...tasks])}::bigint[])`
  // By an array and not a join, for the primary key: the planner knows too little of a table that grows so fast.
  const held = sql`consumer_id = ${consumerId} and name = any(array(select name from back))
        and lease_id = any(${sql.param([...leases])}::uuid[])`
  await tx.execute(sql`
    with back as (
      update leased_tasks set state = ${state}
      where lease_id = any(${sql.param([...leases])}::uuid[]) and state = 'leased' ${named}
      returning lease_id, task_id, name),
    gone as (
      delete from served_tasks where ${held} and served_at is null),
    kept as (
      update served_tasks set lease_id = null where ${held} and served_at is not null)
    insert into returned_tasks (consumer_id, task_id) select ${consumerId}, task_id from back order by lease_id, task_id`)
  await endWhereNothingIsOut(tx, leases)
}

export async function endWhereNothingIsOut(tx: Tx, leases: readonly string[]): Promise<void> {
  await tx.execute(sql`
    update task_leases l set ended_at = clock_timestamp()
    where l.id = any(${sql.param([...leases])}::uuid[]) and l.ended_at is null
      and not exists (select 1 from leased_tasks t where t.lease_id = l.id and t.state = 'leased')`)
}

/** Takes back what is out of leases whose time is over, the oldest first: gives how many leases that were, of at most 20. */
export async function takeBackExpired(tx: Tx, consumerId: number): Promise<number> {
  const { rows } = await tx.execute<{ id: string }>(sql`
    select id from task_leases where consumer_id = ${consumerId} and ended_at is null and expires_at <= clock_timestamp()
    order by expires_at limit ${most} for update`)
  const leases = rows.map(({ id }) => id)
  if (leases.length > 0) await giveBack(tx, { consumerId, leases }, 'expired')
  return leases.length
}
