import { createPublicKey, randomBytes } from 'node:crypto'
import { refuseAppToken } from './app-token.ts'
import type { Caller, Grant, Installation, Level } from './types.ts'

/** Hands out installation tokens and tells who a request comes from. */
export interface Callers {
  grant(
    installation: Installation,
    permissions: Readonly<Record<string, Level>>,
    repositories: ReadonlySet<number> | null,
  ): Grant
  /** From an `Authorization` header: `token x`, `Bearer x`, or Basic with the token as password (git). */
  identify(authorization: string | undefined): Identified
  /** Makes every installation token so far expire at once. */
  expireTokens(): void
}

export type Identified =
  | { readonly known: true; readonly caller: Caller }
  | { readonly known: false; readonly status: 401 | 403; readonly message: string }

export interface CallerOptions {
  readonly appId: number
  readonly privateKey: string
  readonly personalToken: string
  readonly tokenSeconds: number
}

export function makeCallers(options: CallerOptions): Callers {
  const key = createPublicKey(options.privateKey)
  const grants = new Map<string, Grant>()
  const identifyToken = (token: string): Identified => {
    if (token === options.personalToken) return { known: true, caller: { kind: 'user', login: 'personal' } }
    if (token.split('.').length === 3) {
      const message = refuseAppToken(token, options.appId, key, Date.now())
      return message === null ? { known: true, caller: { kind: 'app' } } : { known: false, status: 401, message }
    }
    const grant = grants.get(token)
    if (grant === undefined || grant.expiresAt <= Date.now() || grant.installation.deleted)
      return { known: false, status: 401, message: 'Bad credentials' }
    if (grant.installation.suspendedAt !== null)
      return { known: false, status: 403, message: 'This installation has been suspended' }
    return { known: true, caller: { kind: 'installation', grant } }
  }
  return {
    grant(installation, permissions, repositories) {
      const token = `ghs_${randomBytes(18).toString('hex')}`
      const expiresAt = Date.now() + options.tokenSeconds * 1000
      const grant: Grant = { installation, token, expiresAt, permissions, repositories }
      grants.set(token, grant)
      return grant
    },
    identify(authorization) {
      if (authorization === undefined) return { known: true, caller: { kind: 'anonymous' } }
      const token = tokenIn(authorization)
      return token === null ? { known: false, status: 401, message: 'Bad credentials' } : identifyToken(token)
    },
    expireTokens: () => grants.clear(),
  }
}

function tokenIn(authorization: string): string | null {
  const [, scheme = '', value = ''] = /^(\S+) +(\S+)$/.exec(authorization) ?? []
  if (/^(token|bearer)$/i.test(scheme)) return value
  if (!/^basic$/i.test(scheme)) return null
  const text = Buffer.from(value, 'base64').toString()
  return text.slice(text.indexOf(':') + 1)
}
