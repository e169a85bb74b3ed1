import {
  createToken,
  type ListedServing,
  type ListedToken,
  listServings,
  listTokens,
  type NewToken,
  revokeToken,
} from '../../../access/index.ts'
import type { Config } from '../../../config.ts'
import { UserError } from '../../../errors.ts'
import { openConfiguredDatabase, withDatabase } from '../../machine.ts'
import { nearNames } from '../../near-names.ts'
import type { MadeTokenLine, RevokedTokenLine, ServingLine, TokenLine } from '../lines.ts'
import type { AskedServings } from '../services.ts'

export async function makeToken(config: Config, wanted: NewToken): Promise<MadeTokenLine> {
  return withDatabase(config, async ({ db }) => {
    const token = await createToken(db, wanted)
    const made = (await listTokens(db)).find(({ name }) => name === wanted.name)
    if (made === undefined) throw new Error('the token that was just made is not there')
    return { token, ...tokenLine(made) }
  })
}

export async function tokenLines(config: Config): Promise<TokenLine[]> {
  return withDatabase(config, async ({ db }) => (await listTokens(db)).map(tokenLine))
}

/** Throws UserError where there is none of this name. */
export async function endToken(config: Config, name: string): Promise<RevokedTokenLine> {
  return withDatabase(config, async ({ db }) => {
    const since = await revokeToken(db, name)
    if (since !== null) return { name, revoked_at: since.toISOString() }
    const near = nearNames(
      name,
      (await listTokens(db)).map((token) => token.name),
    )
    throw new UserError(`there is no token ${name}`, {
      mend: near.length > 0 ? `did you mean ${near.join(' or ')}?` : '`quarry token list` has them',
    })
  })
}

export async function* servingLines(config: Config, asked: AskedServings): AsyncGenerator<ServingLine> {
  const database = await openConfiguredDatabase(config)
  try {
    for await (const serving of listServings(database.db, asked)) yield servingLine(serving)
  } finally {
    await database.close()
  }
}

function tokenLine({ name, state, scopes, owners, servings, ...times }: ListedToken): TokenLine {
  return {
    ...{ name, state, scopes, owners, servings },
    created_at: times.createdAt.toISOString(),
    expires_at: times.expiresAt?.toISOString() ?? null,
    last_used_at: times.lastUsedAt?.toISOString() ?? null,
    revoked_at: times.revokedAt?.toISOString() ?? null,
  }
}

function servingLine({ at, token, what, task, tasks, detail }: ListedServing): ServingLine {
  return { at: at.toISOString(), token, what, task, tasks, detail }
}
