import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { and, asc, eq, gte, isNull, lt, or, sql } from 'drizzle-orm'
import type { Db } from '../db/connect.ts'
import { servings, tokens } from '../db/schema.ts'
import { UserError } from '../errors.ts'
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

/** A token as the operator sees it: its text is kept nowhere. */
export interface ListedToken {
  readonly name: string
  readonly state: 'live' | 'expired' | 'revoked'
  readonly scopes: readonly string[]
  readonly owners: readonly string[] | null
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly lastUsedAt: Date | null
  readonly revokedAt: Date | null
  /** Requests that were served tasks or parts of them, as far as the audit trail goes back. */
  readonly servings: number
}

/** Makes a token and gives its text, which is kept nowhere. Throws UserError where the name was given out before. */
export async function createToken(db: Db, { name, scopes, owners, expiresAt }: NewToken): Promise<string> {
  const text = `quarry_${randomBytes(32).toString('base64url')}`
  const made = await db
    .insert(tokens)
    .values({
      name,
      hash: hashOf(text),
      scopes: [...new Set(scopes)],
      owners: owners === null ? null : [...new Set(owners.map((owner) => owner.toLowerCase()))].sort(),
      expiresAt,
    })
    .onConflictDoNothing({ target: tokens.name })
    .returning({ id: tokens.id })
  if (made.length > 0) return text
  throw new UserError(`a token was named ${name} before`, {
    mend: 'give another name: the audit trail tells by it who was served what',
  })
}

/** As it is sent: nothing else is looked up. */
const form = /^quarry_[\w-]{43}$/
/** Hex digits of the hash that a token is found by; the others are compared in constant time. */
const FOUND_BY = 16

/** Whom a token's text speaks for; null where it is unknown, expired or revoked. */
export async function callerOf(db: Db, text: string): Promise<(Caller & { readonly lastUsedAt: Date | null }) | null> {
  if (!form.test(text)) return null
  const hash = hashOf(text)
  const start = hash.slice(0, FOUND_BY)
  // What an index compares takes longer the more of it agrees: it is asked for a part that tells nothing, as a hash can't be aimed at.
  const near = await db
    .select()
    .from(tokens)
    .where(and(gte(tokens.hash, start), lt(tokens.hash, `${start}g`)))
  const row = near.find((each) => timingSafeEqual(Buffer.from(each.hash), Buffer.from(hash)))
  if (row === undefined || row.revokedAt !== null) return null
  if (row.expiresAt !== null && row.expiresAt <= new Date()) return null
  const { id: tokenId, name, owners, lastUsedAt } = row
  return { tokenId, name, scopes: new Set(row.scopes.filter(isScope)), owners, lastUsedAt }
}

/** Notes that a token was used: one write a minute at most, however many processes ask. */
export async function noteUse(db: Db, tokenId: number): Promise<void> {
  const isOld = or(isNull(tokens.lastUsedAt), lt(tokens.lastUsedAt, sql`now() - interval '1 minute'`))
  await db
    .update(tokens)
    .set({ lastUsedAt: sql`now()` })
    .where(and(eq(tokens.id, tokenId), isOld))
}

/** Every token that was ever made, oldest first. */
export async function listTokens(db: Db): Promise<ListedToken[]> {
  const rows = await db
    .select({
      name: tokens.name,
      scopes: tokens.scopes,
      owners: tokens.owners,
      createdAt: tokens.createdAt,
      expiresAt: tokens.expiresAt,
      lastUsedAt: tokens.lastUsedAt,
      revokedAt: tokens.revokedAt,
      servings: sql<number>`(select count(*)::int from ${servings} s where s.token_id = tokens.id)`,
    })
    .from(tokens)
    .orderBy(asc(tokens.id))
  return rows.map((row) => ({ ...row, state: stateOf(row) }))
}

function stateOf({ revokedAt, expiresAt }: Pick<ListedToken, 'revokedAt' | 'expiresAt'>): ListedToken['state'] {
  if (revokedAt !== null) return 'revoked'
  return expiresAt !== null && expiresAt <= new Date() ? 'expired' : 'live'
}

/** Ends a token: the next request with it is refused. Gives since when; null where there is none of this name. */
export async function revokeToken(db: Db, name: string): Promise<Date | null> {
  const [row] = await db
    .update(tokens)
    .set({ revokedAt: sql`coalesce(${tokens.revokedAt}, now())` })
    .where(eq(tokens.name, name))
    .returning({ revokedAt: tokens.revokedAt })
  return row?.revokedAt ?? null
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
