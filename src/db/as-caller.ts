import { sql } from 'drizzle-orm'
import { messageOf, UserError } from '../errors.ts'
import { codeOf } from './away.ts'
import type { Db, Tx } from './connect.ts'

/** Who asks: the accounts whose rows exist for it, in lower case; null: all. */
export interface Seeing {
  readonly owners: readonly string[] | null
}

/** Made by a migration; owns nothing, and may read what row-level security shows it. */
const READER = 'quarry_reader'
/** The server knows no such role, or does not let this one act as it. */
const NO_READER = new Set(['22023', '42501', '42704'])

/**
 * Reads in one transaction on behalf of a caller: what row-level security keeps from it is not there. The first read is sent right behind
 * the change of role; where that fails Postgres has ended the transaction, and the read fails with it.
 */
export async function asCaller<T>(db: Db, { owners }: Seeing, read: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction(
    async (tx) => {
      const acting = actAsReader(tx, owners === null ? '*' : owners.join(','))
      const reading = async () => read(tx)
      const [acted, seen] = await Promise.allSettled([acting, reading()])
      if (acted.status === 'rejected') throw acted.reason
      if (seen.status === 'rejected') throw seen.reason
      return seen.value
    },
    { accessMode: 'read only' },
  )
}

/** The same in the middle of a transaction, which goes on as itself afterwards. */
export async function asCallerWithin<T>(tx: Tx, { owners }: Seeing, read: () => Promise<T>): Promise<T> {
  await actAsReader(tx, owners === null ? '*' : owners.join(','))
  const seen = await read()
  await tx.execute(sql`select set_config('role', 'none', true)`)
  return seen
}

/**
 * Without parallel workers: to start them takes longer than a page, and many callers share few cores. Sent before this returns, so that
 * what is sent next is read as the role.
 */
function actAsReader(tx: Tx, owners: string): Promise<void> {
  const acting = sql`select set_config('role', ${READER}, true), set_config('quarry.owners', ${owners}, true),
    set_config('max_parallel_workers_per_gather', '0', true)`
  return tx.execute(acting).then(
    () => undefined,
    (cause: unknown) => {
      if (!NO_READER.has(codeOf(cause))) throw cause
      throw new UserError(`The database does not let Quarry act as the role ${READER}: ${messageOf(cause)}`, {
        mend: `As an administrator of the server: create role ${READER} nologin, where it is missing; grant ${READER} to the role in DATABASE_URL.`,
        cause,
      })
    },
  )
}
