import type { FastifyRequest } from 'fastify'
import { type Caller, callerOf, noteUse } from '../../access/index.ts'
import type { Db } from '../../db/connect.ts'
import { messageOf } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { notFound, Problem } from './problem.ts'

const minuteMs = 60_000

/** Gives who asks, by the request's bearer token. It throws 401 where there is none that holds, 404 where the route is out of its scopes. */
export function makeAuthentication(db: Db, log: Log): (request: FastifyRequest) => Promise<Caller> {
  const noted = new Map<number, number>()
  /** Nobody waits for it; what is lost here is noted by the next request. */
  const note = (tokenId: number, lastUsedAt: Date | null) => {
    const last = Math.max(noted.get(tokenId) ?? 0, lastUsedAt?.getTime() ?? 0)
    if (Date.now() - last < minuteMs) return
    noted.set(tokenId, Date.now())
    noteUse(db, tokenId).catch((error: unknown) =>
      log.warn({ error: messageOf(error) }, 'a use of a token is not noted'),
    )
  }
  return async (request) => {
    const token = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
    const found = token === undefined ? null : await callerOf(db, token)
    if (found === null) throw unauthorized(token !== undefined)
    const { lastUsedAt, ...caller } = found
    if (caller.tokenId !== null) note(caller.tokenId, lastUsedAt)
    const { scope } = request.routeOptions.config
    if (scope !== undefined && !caller.scopes.has(scope)) throw notFound('such route')
    return caller
  }
}

/** RFC 6750: a request without a token is told of the scheme alone, one with a wrong token that it is wrong. */
function unauthorized(given: boolean): Problem {
  const detail = given
    ? 'this token is unknown, expired or revoked; `quarry token list` tells which are live'
    : 'send the header "Authorization: Bearer <token>"; `quarry token create` makes tokens'
  const challenge = given ? 'Bearer realm="quarry", error="invalid_token"' : 'Bearer realm="quarry"'
  return new Problem(401, 'no valid token', detail, { headers: { 'www-authenticate': challenge } })
}
