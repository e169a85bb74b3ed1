import { and, desc, eq, isNotNull, isNull, sql } from 'drizzle-orm'
import type { Tx } from '../db/connect.ts'
import { leaseWalks } from '../db/schema.ts'
import { allMatching, mayMatch, seen, type Wish } from './matching.ts'
import { addToQueue } from './queued.ts'
import { asksSolveRates, filterJson, isWithin, type LeaseRequest, walkKey } from './request.ts'
import type { Walk, Walking, WalkSizes } from './walking.ts'

/** It is held against the nightly clean-up, which lets go of those that nobody used. */
export async function findWalk(tx: Tx, consumerId: number, key: string): Promise<Walk | null> {
  const [walk] = await tx
    .select()
    .from(leaseWalks)
    .where(and(eq(leaseWalks.consumerId, consumerId), eq(leaseWalks.key, key)))
    .for('update')
  return walk ?? null
}

/** Keeps how far a walk came, and lets go of what it passed in its queue since it was at `from`. */
export async function saveWalk({ tx, walk }: Walking, from: number): Promise<void> {
  const { id, consumerId, key, filter, againAfterSeconds, ...progress } = walk
  await tx.execute(
    sql`delete from queued_tasks where walk_id = ${id} and position >= ${from} and position < ${walk.firstPosition}`,
  )
  await tx
    .update(leaseWalks)
    .set({ ...progress, usedAt: sql`now()` })
    .where(eq(leaseWalks.id, id))
}

/** Begins a walk. The consumer's lock is held alone. */
export async function beginWalk(
  tx: Tx,
  consumerId: number,
  request: LeaseRequest,
  wish: Wish & { readonly sizes: WalkSizes },
): Promise<Walk> {
  const wide = await widerWalk(tx, consumerId, request, wish.sizes.worthTakingOver)
  const [walk] = await tx
    .insert(leaseWalks)
    .values({
      consumerId,
      key: walkKey(request),
      filter: filterJson(request.filter),
      againAfterSeconds: request.againAfterSeconds,
      seenSequence: wish.search.asOf,
      seenReturn: sql`coalesce((select max(id) from returned_tasks where consumer_id = ${consumerId}), 0)`,
      seenTransaction: sql`pg_snapshot_xmin(pg_current_snapshot())::text::bigint`,
      nextRepository: 0,
      floorSequence: 0,
    })
    .returning()
  if (walk === undefined) throw new Error('a new walk came back without its row')
  if (!(await takeAll({ tx, walk, ...wish })) && wide !== null) await takeOver({ tx, walk, ...wish }, wide)
  return walk
}

/** Queues all that matches, where that is little. Found by whatever index is best, while a walk would go through everything. */
async function takeAll(walking: Walking): Promise<boolean> {
  const { tx, walk, sizes } = walking
  const { rows } = await seen(tx, walking, () =>
    tx.execute<{ id: string }>(sql`
      select task_id as id from (select * from (${allMatching(walking)}) f limit ${sizes.few + 1}) few
      order by row_number() over (partition by repository order by sequence), repository`),
  )
  if (rows.length > sizes.few) return false
  await addToQueue(
    walking,
    rows.map(({ id }) => Number(id)),
    'never served',
  )
  walk.nextRepository = null
  walk.floorSequence = walk.seenSequence
  return true
}

/** The consumer's walk that came farthest, of those through all that matches, and more: what it has passed need not be looked at again. */
async function widerWalk(
  tx: Tx,
  consumerId: number,
  { filter, againAfterSeconds }: LeaseRequest,
  farEnough: number,
): Promise<Walk | null> {
  const walks = await tx
    .select()
    .from(leaseWalks)
    .where(
      and(
        eq(leaseWalks.consumerId, consumerId),
        againAfterSeconds === null
          ? isNull(leaseWalks.againAfterSeconds)
          : and(isNotNull(leaseWalks.againAfterSeconds), eq(leaseWalks.againAfterSeconds, againAfterSeconds)),
        sql`${leaseWalks.nextPosition} >= ${farEnough}`,
      ),
    )
    .orderBy(desc(leaseWalks.nextPosition))
    .limit(20)
    // The nightly clean-up does not take away what is copied.
    .for('share')
  const json = filterJson(filter)
  return walks.find((walk) => isWithin(json, walk.filter) && !asksSolveRates(walk.filter)) ?? null
}

/** Goes on from where a wider walk is. Of what that had found and not given, each is asked anyway when it is given. */
async function takeOver(walking: Walking, wide: Walk): Promise<void> {
  const { tx, walk } = walking
  const { id, key, filter, seenTransaction, usedAt, ...progress } = wide
  Object.assign(walk, progress)
  await tx.execute(sql`
    insert into walked_repositories (walk_id, repository, after_sequence, turn, active)
    select ${walk.id}, repository, after_sequence, turn, active from walked_repositories
    where walk_id = ${id} and ${mayMatch(walking, sql`walked_repositories.repository`)}`)
  await tx.execute(sql`
    insert into queued_tasks (walk_id, position, task_id, name)
    select ${walk.id}, position, task_id, name from queued_tasks where walk_id = ${id}`)
}
