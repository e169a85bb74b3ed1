import { sql } from 'drizzle-orm'
import type { Blobs, Digest } from '../blobs/types.ts'
import type { Db, Executor } from '../db/connect.ts'

/** Every place in the database that names a blob: one line each. */
const named = sql`
  select blob as digest from environments
  union all select log from environments
  union all select log from attempts
  union all select changed->>'content' from attempts, jsonb_array_elements(strategy->'overrides') changed
  union all select log from runs
  union all select log from grades
  union all select blob from snapshot_archives
  union all select evidence->>'log' from candidates where evidence ? 'log'`

/** The digests that any row names: all of them, or those among some. */
export async function referencedBlobs(db: Executor, among?: readonly Digest[]): Promise<ReadonlySet<string>> {
  const wanted =
    among === undefined ? sql`` : sql`and digest in (select jsonb_array_elements_text(${JSON.stringify(among)}::jsonb))`
  const { rows } = await db.execute<{ digest: string }>(
    sql`select distinct digest from (${named}) named where digest is not null ${wanted}`,
  )
  return new Set(rows.map(({ digest }) => digest))
}

export interface Removed {
  readonly removed: number
  readonly bytes: number
}

/**
 * The nightly garbage collection: removes the blobs that no row names. A blob is put before its row is written, by hours where a whole
 * climb lies between; so one that was put later than `olderThan` stays. That is safe for any time longer than a job may take (12 hours):
 * a row that comes to name a blob without putting it copies the name of a row that is there. Putting it again counts anew, and a blob
 * is set aside before its time is looked at: what is put meanwhile takes the free place and stays.
 */
export async function removeUnreferenced(
  blobs: Blobs,
  db: Db,
  options: { readonly olderThan: Date; readonly signal?: AbortSignal },
): Promise<Removed> {
  const referenced = await referencedBlobs(db)
  let [removed, bytes] = [0, 0]
  for await (const blob of blobs.list()) {
    options.signal?.throwIfAborted()
    if (referenced.has(blob.digest) || blob.putAt >= options.olderThan) continue
    const aside = await blobs.setAside(blob.digest)
    if (aside === null) continue
    if (aside.putAt >= options.olderThan) {
      await aside.putBack()
      continue
    }
    await aside.remove()
    removed += 1
    bytes += aside.bytes
  }
  return { removed, bytes }
}

/**
 * Removes those of an erasure's blobs that nothing else names, at once where no job runs: each is set aside, then it is asked once more
 * whether a row names it, and whether a job is active. A job that had put it before is active still, or its row is there; one
 * that puts it afterwards finds the place free. While jobs run, only those go that were put before `olderThan`. Gives how many had to stay.
 */
export async function removeErasedBlobs(
  blobs: Blobs,
  db: Db,
  suspects: readonly Digest[],
  olderThan: Date,
): Promise<number> {
  const chunk = 1000
  let left = 0
  for (let at = 0; at < suspects.length; at += chunk) {
    left += await removeSome(blobs, db, suspects.slice(at, at + chunk), olderThan)
  }
  return left
}

async function removeSome(blobs: Blobs, db: Db, suspects: readonly Digest[], olderThan: Date): Promise<number> {
  const before = await referencedBlobs(db, suspects)
  const free = suspects.filter((digest) => !before.has(digest))
  const aside = (await Promise.all(free.map((digest) => blobs.setAside(digest)))).filter((one) => one !== null)
  const busy = await hasActiveJobs(db)
  const referenced = await referencedBlobs(db, free)
  let left = 0
  for (const one of aside) {
    if (referenced.has(one.digest)) await one.putBack()
    else if (busy && one.putAt >= olderThan) {
      await one.putBack()
      left += 1
    } else await one.remove()
  }
  return left
}

async function hasActiveJobs(db: Executor): Promise<boolean> {
  const { rows: tables } = await db.execute(sql`select to_regclass('pgboss.job') as present`)
  if (tables[0]?.present == null) return false
  const { rows } = await db.execute(sql`select 1 from pgboss.job where state = 'active' limit 1`)
  return rows.length > 0
}
