import type { FastifyRequest } from 'fastify'
import { type Caller, callerOf } from '../../access/index.ts'
import type { Db } from '../../db/connect.ts'
import { notFound, Problem } from './problem.ts'

/** Who asks, by the request's bearer token. Throws 401 where there is none that holds, 404 where the route is out of its scopes. */
export async function authenticate(db: Db, request: FastifyRequest): Promise<Caller> {
  const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const caller = token === undefined ? null : await callerOf(db, token)
  if (caller === null) {
    throw new Problem(
      401,
      'no valid token',
      token === undefined
        ? 'send the header "Authorization: Bearer <token>"; `quarry token create` makes tokens'
        : 'this token is unknown, expired or revoked; `quarry token list` tells',
      { headers: { 'www-authenticate': 'Bearer realm="quarry"' } },
    )
  }
  const { scope } = request.routeOptions.config
  if (scope !== undefined && !caller.scopes.has(scope)) throw notFound('such route')
  return caller
}
