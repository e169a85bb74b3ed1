import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Tx } from '../db/connect.ts'
import { type Asked, digestOf } from './request.ts'

/** A new lease, to be filled. */
export interface OpenedLease {
  readonly id: string
  readonly consumer: string
  readonly attempts: number
  readonly createdAt: Date
  readonly expiresAt: Date
  /** So many tasks were asked for. */
  readonly count: number
  /** Those that it was given so far, in this order. */
  readonly tasks: number[]
}

/** A lease that the same key made before; or the key stands for another request. */
export type Reopened = { readonly id: string } | { readonly refused: 'key-used' }

/** Writes the leases' rows, in the order of what was asked; where a key was used before it gives what came of that. */
export async function openLeases(
  tx: Tx,
  consumerId: number,
  batch: readonly Asked[],
): Promise<(OpenedLease | Reopened)[]> {
  const wanted = batch.map((asked) => ({
    ...asked,
    id: randomUUID(),
    digest: asked.key === null ? null : digestOf(asked.request),
  }))
  const made = await insertLeases(tx, consumerId, wanted)
  const before = await leasesOfKeys(
    tx,
    wanted.filter(({ id }) => !made.has(id)),
  )
  return wanted.map(({ id, digest, caller, key, request: { consumer, attempts, count } }) => {
    const times = made.get(id)
    if (times !== undefined) return { id, consumer, attempts, count, tasks: [], ...times }
    const known = before.get(keyOf(caller.tokenId, key))
    if (known === undefined) throw new Error('a lease was neither made nor there')
    return known.digest === digest ? { id: known.id } : { refused: 'key-used' }
  })
}

type Wanted = Asked & { readonly id: string; readonly digest: string | null }

/** Those whose keys are new, by their ids. */
async function insertLeases(
  tx: Tx,
  consumerId: number,
  wanted: readonly Wanted[],
): Promise<ReadonlyMap<string, { readonly createdAt: Date; readonly expiresAt: Date }>> {
  const column = (of: (each: Wanted) => unknown) => sql.param(wanted.map(of))
  // In the order of keys: two that write the same ones then never wait for each other. Of one key twice here the first is made.
  const { rows } = await tx.execute<{ id: string; created: number; expires: number }>(sql`
    insert into task_leases (id, consumer_id, token_id, attempts, ttl_seconds, idempotency_key, request_digest, created_at, expires_at)
    select id, ${consumerId}, token_id, attempts, ttl, key, digest, now.at, now.at + make_interval(secs => ttl)
    from unnest(${column(({ id }) => id)}::uuid[], ${column(({ caller }) => caller.tokenId)}::bigint[],
        ${column(({ request }) => request.attempts)}::int[], ${column(({ request }) => request.ttlSeconds)}::int[],
        ${column(({ key }) => key)}::text[], ${column(({ digest }) => digest)}::text[])
        with ordinality wanted(id, token_id, attempts, ttl, key, digest, place),
      (select clock_timestamp() as at) now
    order by token_id, key, place
    on conflict do nothing
    returning id, ${milliseconds('created_at')} as created, ${milliseconds('expires_at')} as expires`)
  return new Map(
    rows.map(({ id, created, expires }) => [id, { createdAt: new Date(created), expiresAt: new Date(expires) }]),
  )
}

/** Whole ones: as all that reads the column has them. */
const milliseconds = (column: string) => sql.raw(`floor(extract(epoch from ${column}) * 1000)::float8`)

interface Before {
  readonly id: string
  readonly digest: string | null
}

/** What the keys of some requests made before. */
async function leasesOfKeys(tx: Tx, asked: readonly Wanted[]): Promise<ReadonlyMap<string, Before>> {
  if (asked.length === 0) return new Map()
  const { rows } = await tx.execute<{ id: string; token: string; key: string; digest: string | null }>(
    sql`
    select id, token_id as token, idempotency_key as key, request_digest as digest
    from task_leases where (token_id, idempotency_key) in (
      select * from unnest(${sql.param(asked.map(({ caller }) => caller.tokenId))}::bigint[], ${sql.param(asked.map(({ key }) => key))}::text[]))`,
  )
  return new Map(rows.map(({ id, token, key, digest }) => [keyOf(Number(token), key), { id, digest }]))
}

const keyOf = (tokenId: number | null, key: string | null) => `${tokenId} ${key}`
