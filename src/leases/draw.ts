import { sql } from 'drizzle-orm'
import { matching, mayMatch, seen } from './matching.ts'
import { addToQueue } from './queued.ts'
import type { Walking } from './walking.ts'

/** A repository whose turn it is. */
interface Stop {
  readonly repository: string
  readonly after: number
  readonly turn: number
}

/**
 * Goes on with the walk until it has queued `needed` tasks: each repository in turn gives its next matching one, so that the largest is drawn
 * from no more often than the smallest. Looks at `look` rows at first. Gives how many were queued; 0: the walk is at its end.
 */
export async function draw(walking: Walking, needed: number, look: number): Promise<number> {
  let [total, rows] = [0, look]
  while (total < needed) {
    const stops = await nextStops(walking, Math.min(rows, walking.sizes.look.usual))
    if (stops.length === 0) break
    const queued = await drawFrom(walking, stops, Math.ceil(rows / stops.length))
    total += queued
    // Little matches here, or most was served by another walk.
    if (queued < rows / 4) rows = Math.min(rows * 4, walking.sizes.look.most)
  }
  return total
}

/** Repositories that were not looked at yet have their first turn now; then come those that had the fewest. */
async function nextStops(walking: Walking, count: number): Promise<Stop[]> {
  const { tx, walk } = walking
  while (walk.nextRepository !== null) {
    const stops = await meetRepositories(walking, count)
    if (stops.length > 0) return stops
  }
  const { rows } = await tx.execute<{ repository: string; after: string; turn: number }>(sql`
    select repository, after_sequence as after, turn from walked_repositories
    where walk_id = ${walk.id} and active order by turn, repository limit ${count}`)
  return rows.map(({ repository, after, turn }) => ({ repository, after: Number(after), turn }))
}

/**
 * The next repositories by their number, under every name they ever had, as far as the wish can be about them. One that comes to be so by what is
 * published later is woken by that.
 */
async function meetRepositories(walking: Walking, count: number): Promise<Stop[]> {
  const {
    tx,
    walk,
    search: { owners, filter },
  } = walking
  const owner = sql`split_part(lower(name), '/', 1)`
  const { rows } = await tx.execute<{ id: string; repository: string }>(sql`
    select id, lower(name) as repository
    from (select id, name from repositories union select repository_id, name from repository_names) named
    where id > ${walk.nextRepository}
      ${owners === null ? sql`` : sql`and ${owner} = any(${lowered(owners)}::text[])`}
      ${filter.repository === undefined ? sql`` : sql`and lower(name) = any(${lowered(filter.repository)}::text[])`}
      and ${mayMatch(walking, sql`lower(name)`)}
    order by id fetch first ${count} rows with ties`)
  walk.nextRepository = rows.length < count ? null : Number(rows.at(-1)?.id)
  const names = [...new Set(rows.map(({ repository }) => repository))]
  if (names.length === 0) return []
  const made = await tx.execute<{ repository: string }>(sql`
    insert into walked_repositories (walk_id, repository, after_sequence, turn, active)
    select ${walk.id}, name, ${walk.floorSequence}, 0, true from unnest(${sql.param(names)}::text[]) name
    on conflict do nothing returning repository`)
  return made.rows.map(({ repository }) => ({ repository, after: walk.floorSequence, turn: 0 }))
}

const lowered = (names: readonly string[]) => sql.param(names.map((name) => name.toLowerCase()))

/** Takes up to `depth` tasks of each repository, and notes how far it came. */
async function drawFrom(walking: Walking, stops: readonly Stop[], depth: number): Promise<number> {
  const { tx } = walking
  const { rows } = await seen(tx, walking, () =>
    tx.execute<{ id: string; sequence: string; stop: string }>(sql`
      select next.task_id as id, next.sequence, r.stop
      from unnest(${sql.param(stops.map(({ repository }) => repository))}::text[], ${sql.param(stops.map(({ after }) => after))}::bigint[])
        with ordinality r(name, after, stop)
      cross join lateral (
        select f.task_id, f.sequence from (${matching(walking)}) f where f.repository = r.name and f.sequence > r.after
        order by f.sequence limit ${depth}) next
      order by r.stop, next.sequence`),
  )
  const drawn: { readonly id: number; readonly turn: number; readonly stop: number }[] = []
  const progress = stops.map(({ after }) => ({ after, count: 0 }))
  for (const { id, sequence, stop: ordinal } of rows) {
    const stop = Number(ordinal) - 1
    const step = progress[stop]
    if (step === undefined) throw new Error('a task came from a repository that was not asked for')
    drawn.push({ id: Number(id), turn: (stops[stop]?.turn ?? 0) + step.count, stop })
    step.after = Number(sequence)
    step.count += 1
  }
  await noteStops(walking, stops, progress, depth)
  const inTurns = drawn.sort((a, b) => a.turn - b.turn || a.stop - b.stop).map(({ id }) => id)
  return addToQueue(walking, inTurns, 'never served')
}

/** A repository that gave less than it was asked for has nothing left, of all that was published when the walk last looked. */
async function noteStops(
  { tx, walk }: Walking,
  stops: readonly Stop[],
  progress: readonly { readonly after: number; readonly count: number }[],
  depth: number,
): Promise<void> {
  // By its key, one row after the other: they are all there.
  await tx.execute(sql`
    insert into walked_repositories as w (walk_id, repository, after_sequence, turn, active)
    select ${walk.id}, p.repository, case when p.count < ${depth} then greatest(p.after, ${walk.seenSequence}) else p.after end, p.count, p.count >= ${depth}
    from unnest(${sql.param(stops.map(({ repository }) => repository))}::text[], ${sql.param(progress.map(({ after }) => after))}::bigint[],
      ${sql.param(progress.map(({ count }) => count))}::int[]) p(repository, after, count)
    on conflict (walk_id, repository) do update
      set after_sequence = excluded.after_sequence, turn = w.turn + excluded.turn, active = excluded.active`)
}
