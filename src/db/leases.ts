import { setTimeout as delay } from 'node:timers/promises'
import { and, eq, or, sql } from 'drizzle-orm'
import { Fault } from '../errors.ts'
import type { Db, Tx } from './connect.ts'
import { isDead, type ProcessIdentity, thisProcess } from './process-identity.ts'
import { leases } from './schema.ts'

export interface Lease {
  /** Larger than that of every earlier holder, for what outlives the lease (a file written late, say). */
  readonly token: number
  /** Aborts where the lease is lost: renewing failed for so long that others may have it. */
  readonly signal: AbortSignal
  /** Makes the transaction commit only if the lease is still held when it does; throws the `Fault` `lease-lost` otherwise. */
  assertHeld(tx: Tx): Promise<void>
}

export interface LeaseOptions {
  /** How long the lease outlives its holder where nobody can see that it is dead (another machine); renewed at a third of it. */
  readonly seconds?: number
  /** Stops waiting; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/**
 * Runs `work` while this process alone, of all that share the database, holds the lease `name`. Waits as long as it takes;
 * takes over at once from a process of this host that is dead, and after `seconds` from any that no longer renews.
 */
export async function withLease<T>(
  db: Db,
  name: string,
  work: (lease: Lease) => Promise<T>,
  options: LeaseOptions = {},
): Promise<T> {
  const seconds = options.seconds ?? 30
  const token = await take(db, name, seconds, options.signal)
  const lost = new AbortController()
  const renewing = renew(db, name, token, seconds, lost)
  try {
    return await work({ token, signal: lost.signal, assertHeld: (tx) => assertHeld(tx, name, token) })
  } finally {
    await renewing.stop()
    await db.delete(leases).where(held(name, token))
  }
}

const held = (name: string, token: number) => and(eq(leases.name, name), eq(leases.token, token))
const expiry = (seconds: number) => sql`now() + make_interval(secs => ${seconds})`

async function take(db: Db, name: string, seconds: number, signal: AbortSignal | undefined): Promise<number> {
  for (let waitMs = 10; ; waitMs = Math.min(waitMs * 1.5, 500)) {
    signal?.throwIfAborted()
    const token = await tryTake(db, name, seconds)
    if (token !== null) return token
    // Spread out, so that those who wait do not all ask at once.
    await delay(waitMs * (0.75 + Math.random() / 2), undefined, signal === undefined ? {} : { signal })
  }
}

/** The token, or null while somebody living has the lease. */
async function tryTake(db: Db, name: string, seconds: number): Promise<number | null> {
  const dead = await deadHolder(db, name)
  const free = or(sql`${leases.expiresAt} < now()`, dead === null ? undefined : eq(leases.token, dead))
  const values = {
    name,
    ...thisProcess(),
    token: sql<number>`nextval('lease_tokens')`,
    expiresAt: sql<Date>`${expiry(seconds)}`,
  }
  return db.transaction(async (tx) => {
    const [taken] = await tx
      .insert(leases)
      .values(values)
      .onConflictDoUpdate({ target: leases.name, set: values, ...(free === undefined ? {} : { setWhere: free }) })
      .returning({ token: leases.token })
    if (taken === undefined) return null
    // What an insert brings was drawn before it had the row: others may have come and gone meanwhile.
    const [drawn] = await tx
      .update(leases)
      .set({ token: values.token })
      .where(eq(leases.name, name))
      .returning({ token: leases.token })
    return drawn?.token ?? null
  })
}

/** The token of the present holder, where its process is known to be dead. */
async function deadHolder(db: Db, name: string): Promise<number | null> {
  const [row] = await db.select().from(leases).where(eq(leases.name, name))
  if (row === undefined) return null
  const holder: ProcessIdentity = row
  return isDead(holder) ? row.token : null
}

async function assertHeld(tx: Tx, name: string, token: number): Promise<void> {
  // The row lock keeps others from taking the lease over until this transaction has ended.
  const rows = await tx.select({ token: leases.token }).from(leases).where(held(name, token)).for('share')
  if (rows.length === 0) throw lostLease(name)
}

function lostLease(name: string, cause?: unknown): Fault {
  return new Fault(
    'lease-lost',
    `The lease "${name}" was lost while it was needed`,
    cause === undefined ? {} : { cause },
  )
}

function renew(db: Db, name: string, token: number, seconds: number, lost: AbortController) {
  const ended = new AbortController()
  const loop = async () => {
    for (let validUntil = Date.now() + seconds * 1000; !ended.signal.aborted; ) {
      // A wait that is cut short is the usual end.
      await delay((seconds * 1000) / 3, undefined, { signal: ended.signal, ref: false }).catch(() => undefined)
      if (ended.signal.aborted) return
      const asked = Date.now()
      const outcome = await extend(db, name, token, seconds)
      if (outcome === 'renewed') validUntil = asked + seconds * 1000
      else if (outcome === 'taken') return lost.abort(lostLease(name))
      else if (Date.now() > validUntil) return lost.abort(lostLease(name, outcome.failed))
    }
  }
  const running = loop()
  return {
    stop: async () => {
      ended.abort()
      await running
    },
  }
}

async function extend(db: Db, name: string, token: number, seconds: number) {
  try {
    const rows = await db
      .update(leases)
      .set({ expiresAt: expiry(seconds) })
      .where(held(name, token))
      .returning({ token: leases.token })
    return rows.length === 1 ? 'renewed' : 'taken'
  } catch (error) {
    return { failed: error }
  }
}
