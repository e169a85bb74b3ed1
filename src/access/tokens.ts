import { createHash, randomBytes } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { Db } from '../db/connect.ts'
import { tokens } from '../db/schema.ts'
import type { Caller } from './caller.ts'
import { isScope, type Scope } from './scopes.ts'

export interface NewToken {
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Accounts whose tasks it sees; null: all. */
  readonly owners: readonly string[] | null
  /** Null: never. */
  readonly expiresAt: Date | null
}

/** Makes a token and gives its text, which is kept nowhere. */
export async function createToken(db: Db, { name, scopes, owners, expiresAt }: NewToken): Promise<string> {
  const text = `quarry_${randomBytes(32).toString('base64url')}`
  await db.insert(tokens).values({
    name,
    hash: hashOf(text),
    scopes,
    owners: owners?.map((owner) => owner.toLowerCase()) ?? null,
    expiresAt,
  })
  return text
}

/** Whom a token's text speaks for; null where it is unknown, expired or revoked. */
export async function callerOf(db: Db, text: string): Promise<Caller | null> {
  // Found by its hash: how long that takes tells nothing of any token.
  const [row] = await db
    .select()
    .from(tokens)
    .where(eq(tokens.hash, hashOf(text)))
  if (row === undefined || row.revokedAt !== null) return null
  if (row.expiresAt !== null && row.expiresAt <= new Date()) return null
  return { tokenId: row.id, name: row.name, scopes: new Set(row.scopes.filter(isScope)), owners: row.owners }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
