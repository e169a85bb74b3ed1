import { sql } from 'drizzle-orm'
import type { Db, Tx } from './connect.ts'

/** Who asks: the accounts whose rows exist for it, in lower case; null: all. */
export interface Seeing {
  readonly owners: readonly string[] | null
}

/** Reads in one transaction on behalf of a caller: what row-level security keeps from it is not there. */
export async function asCaller<T>(db: Db, { owners }: Seeing, read: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction(
    async (tx) => {
      await tx.execute(sql`select set_config('quarry.owners', ${owners === null ? '*' : owners.join(',')}, true)`)
      return read(tx)
    },
    { accessMode: 'read only' },
  )
}
