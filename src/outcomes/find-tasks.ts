import { sql } from 'drizzle-orm'
import { asCallerWithin, type Seeing } from '../db/as-caller.ts'
import type { Tx } from '../db/connect.ts'

export interface NamedTask {
  readonly id: number
  readonly installationId: number
  readonly name: string
  readonly revision: number
  readonly contentHash: string
  readonly isErased: boolean
}

/** The tasks of some names (`name`: the newest revision, or `name@revision`), as far as they exist for the caller. */
export async function tasksNamed(
  tx: Tx,
  caller: Seeing,
  names: readonly string[],
): Promise<ReadonlyMap<string, NamedTask>> {
  const distinct = [...new Set(names)]
  const split = distinct.map((name) => name.split('@'))
  const revisions = split.map(([, revision]) => (revision === undefined ? null : Number(revision)))
  const { rows } = await asCallerWithin(tx, caller, () =>
    tx.execute<{
      given: string
      id: number
      installation: number
      name: string
      revision: number
      hash: string
      erased: boolean
    }>(sql`
      select u.given, t.* from unnest(${sql.param(distinct)}::text[], ${sql.param(split.map(([name]) => name))}::text[],
        ${sql.param(revisions)}::bigint[]) u(given, name, revision)
      cross join lateral (
        select id::float8, installation_id::float8 as installation, name, revision, content_hash as hash, erased_at is not null as erased
        from tasks where tasks.name = u.name and (u.revision is null or tasks.revision = u.revision) ${ownedBy(caller)}
        order by tasks.revision desc limit 1) t`),
  )
  return new Map(
    rows.map(({ given, id, installation, name, revision, hash, erased }) => [
      given,
      { id, installationId: installation, name, revision, contentHash: hash, isErased: erased },
    ]),
  )
}

/** The first wall; row-level security is the second. */
export const ownedBy = ({ owners }: Seeing) =>
  owners === null ? sql`` : sql`and tasks.owner = any(${sql.param([...owners])}::text[])`
