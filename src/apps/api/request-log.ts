import type { FastifyInstance } from 'fastify'
import { type Log, withLogFields } from '../../log.ts'

/**
 * A line for each answer, and the request's id on every line that is written meanwhile and in the answer's `x-request-id`. A line names the
 * route and never the address, whose parts are the caller's own.
 */
export function logRequests(scope: FastifyInstance, log: Log): void {
  scope.addHook('onRequest', (request, reply, done) => {
    // Whose it is hangs on the token: nobody between may keep it, and who asked may, as long as it asks whether it still holds.
    reply.headers({ 'x-request-id': request.id, 'cache-control': 'private, no-cache' })
    withLogFields({ request: request.id }, done)
  })
  scope.addHook('onResponse', async (request, reply) => {
    log.info(
      {
        request: request.id,
        token: request.caller?.name ?? null,
        method: request.method,
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        seconds: Math.round(reply.elapsedTime) / 1000,
      },
      'request answered',
    )
  })
  scope.addHook('onRequestAbort', async (request) => {
    log.info({ request: request.id, route: request.routeOptions.url ?? null }, 'request given up by its sender')
  })
}
