import { sql } from 'drizzle-orm'
import { matching, seen } from './matching.ts'
import { addToQueue, matchingAmong } from './queued.ts'
import { asksSolveRates } from './request.ts'
import type { Walking } from './walking.ts'

/** What a look at a feed brought. */
interface Taken {
  readonly queued: number
  /** Whether there is more of it. */
  readonly more: boolean
}

/** Tasks that came back to the consumer: released, or out of a lease whose time was over. */
export async function takeInReturned(walking: Walking): Promise<Taken> {
  const {
    tx,
    walk,
    sizes: { chunk },
  } = walking
  const { rows } = await tx.execute<{ id: string; task_id: string }>(sql`
    select id, task_id from returned_tasks where consumer_id = ${walk.consumerId} and id > ${walk.seenReturn} order by id limit ${chunk}`)
  walk.seenReturn = Number(rows.at(-1)?.id ?? walk.seenReturn)
  const queued = await queueNewest(
    walking,
    rows.map(({ task_id }) => Number(task_id)),
  )
  return { queued, more: rows.length === chunk }
}

/**
 * What was published since: repositories with new tasks have a turn again, in the round that is on; what came out of quarantine is queued, since
 * its place in its repository is passed.
 */
export async function takeInPublished(walking: Walking): Promise<Taken> {
  const {
    tx,
    walk,
    search: { asOf },
    sizes: { chunk },
  } = walking
  const { rows } = await tx.execute<{ sequence: string; id: string; first: boolean; repository: string }>(sql`
    select p.sequence, p.task_id as id, t.sequence = p.sequence as first, lower(t.repository) as repository
    from publications p join tasks t on t.id = p.task_id
    where p.sequence > ${walk.seenSequence} and p.sequence <= ${asOf} and p.event = 'published' order by p.sequence limit ${chunk}`)
  const repositories = new Set(rows.filter(({ first }) => first).map(({ repository }) => repository))
  if (repositories.size > 0) await wake(walking, [...repositories])
  const again = rows.filter(({ first }) => !first).map(({ id }) => Number(id))
  walk.seenSequence = Number(rows.at(-1)?.sequence ?? walk.seenSequence)
  return { queued: await queueNewest(walking, again), more: rows.length === chunk }
}

/** In the round that is on, or the last one where none is: who had fewer turns does not catch up on all of them at once. */
async function wake({ tx, walk }: Walking, repositories: readonly string[]): Promise<void> {
  await tx.execute(sql`
    with round as (select coalesce(
      (select min(turn) from walked_repositories where walk_id = ${walk.id} and active),
      (select max(turn) from walked_repositories where walk_id = ${walk.id}), 0) as turn)
    insert into walked_repositories as w (walk_id, repository, after_sequence, turn, active)
    select ${walk.id}, name, ${walk.floorSequence}, round.turn, true from unnest(${sql.param([...repositories])}::text[]) name, round
    on conflict (walk_id, repository) do update set active = true, turn = greatest(w.turn, excluded.turn) where not w.active`)
}

/** Tasks whose solve rates changed: they may match now. Transactions that ran when it was last looked are looked at again. */
export async function takeInSolveRates(walking: Walking): Promise<number> {
  const {
    tx,
    walk,
    search: { filter },
    sizes: { chunk },
  } = walking
  if (!asksSolveRates(filter)) return 0
  const {
    rows: [snapshot],
  } = await tx.execute<{ oldest: string }>(sql`select pg_snapshot_xmin(pg_current_snapshot())::text as oldest`)
  const { rows } = await tx.execute<{ id: string }>(
    sql`select distinct task_id as id from solve_rates where changed_by >= ${walk.seenTransaction} order by 1`,
  )
  walk.seenTransaction = Number(snapshot?.oldest ?? walk.seenTransaction)
  let queued = 0
  for (let at = 0; at < rows.length; at += chunk) {
    const some = rows.slice(at, at + chunk).map(({ id }) => Number(id))
    const matching = await matchingAmong(tx, walking, some)
    queued += await addToQueue(
      walking,
      some.filter((id) => matching.has(id)),
      'never served',
    )
  }
  return queued
}

/** What was completed so long ago that it is to be served again, the longest ago first. */
export async function takeInDue(walking: Walking): Promise<Taken> {
  const {
    tx,
    walk,
    sizes: { chunk },
  } = walking
  if (walk.againAfterSeconds === null) return { queued: 0, more: false }
  const { rows } = await tx.execute<{ name: string; task_id: string; at: string }>(sql`
    select name, task_id, served_at::text as at from served_tasks
    where consumer_id = ${walk.consumerId} and lease_id is null
      and served_at <= clock_timestamp() - make_interval(secs => ${walk.againAfterSeconds})
      and (served_at, name) > (coalesce(${walk.seenServedAt}::timestamptz, '-infinity'), ${walk.seenServedName})
    order by served_at, name limit ${chunk}`)
  const last = rows.at(-1)
  if (last !== undefined) [walk.seenServedAt, walk.seenServedName] = [last.at, last.name]
  const queued = await queueNewest(
    walking,
    rows.map(({ task_id }) => Number(task_id)),
  )
  return { queued, more: rows.length === chunk }
}

/** Queues the newest revisions of some tasks, in their order, as far as they match. */
async function queueNewest(walking: Walking, ids: readonly number[]): Promise<number> {
  if (ids.length === 0) return 0
  const { tx } = walking
  const { rows } = await seen(tx, walking, () =>
    tx.execute<{ id: string }>(sql`
      select f.task_id as id from unnest(${sql.param([...ids])}::bigint[]) with ordinality u(id, place)
      join tasks given on given.id = u.id
      join tasks t on t.installation_id = given.installation_id and t.name = given.name
      join (${matching(walking)}) f on f.task_id = t.id
      group by f.task_id order by min(u.place)`),
  )
  return addToQueue(
    walking,
    rows.map(({ id }) => Number(id)),
    'never served or due',
  )
}
