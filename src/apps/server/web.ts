import Fastify, { type FastifyInstance, LogController } from 'fastify'
import type { Log } from '../../log.ts'

/** GitHub gives up after 10 s; who sends a request for longer holds memory and means no good. */
const requestTimeoutMs = 60_000

/** The HTTP server that everything else registers its routes on. */
export function makeWeb(log: Log): FastifyInstance {
  // fastify's logger type is pino's own, with fewer members.
  const web = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: requestTimeoutMs,
  })
  web.setNotFoundHandler(async (_request, reply) => reply.code(404).send({ title: 'not found', status: 404 }))
  return web as unknown as FastifyInstance
}
