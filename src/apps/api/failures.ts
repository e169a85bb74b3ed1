import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { isDatabaseAway } from '../../db/away.ts'
import { messageOf } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { Problem, problemBody } from './problem.ts'

/** Turns whatever a route threw into a problem document; only what nobody foresaw is logged as an error. */
export function answerFailure(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply {
  const problem = problemOf(error)
  if (problem.status >= 500) log.error({ error: messageOf(error), url: request.url }, 'request failed')
  return reply.code(problem.status).headers(problem.headers).type('application/problem+json').send(problemBody(problem))
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (hasZodFastifySchemaValidationErrors(error)) {
    return new Problem(400, 'the request is wrong', 'see errors', {
      errors: error.validation.map(({ instancePath, message }) => ({
        field: instancePath.replace(/^\//, '').replaceAll('/', '.'),
        problem: message ?? 'is wrong',
        mend: 'see /docs',
      })),
    })
  }
  if (isDatabaseAway(error))
    return new Problem(503, 'the database is away', 'ask again in a few seconds', { headers: { 'retry-after': '5' } })
  const status = statusOf(error)
  if (status < 500) return new Problem(status, 'the request is wrong', messageOf(error))
  return new Problem(500, 'something failed here', 'it is in the log of the server')
}

function statusOf(error: unknown): number {
  return (error as Partial<FastifyError> | null)?.statusCode ?? 500
}
