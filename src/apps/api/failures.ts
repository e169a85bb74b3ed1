import type { FastifyReply, FastifyRequest } from 'fastify'
import { isDatabaseAway } from '../../db/away.ts'
import { Fault, messageOf, UserError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { RefusedQuery } from '../../query/refused.ts'
import { Problem, problemBody, wrongFields } from './problem.ts'

/** Turns whatever a route threw into a problem document; only what nobody foresaw is logged as an error. */
export function answerFailure(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply {
  const problem = problemOf(error, request)
  const about = { route: request.routeOptions.url, error: messageOf(error) }
  if (problem.status === 503) log.warn(about, 'request not answered')
  else if (problem.status >= 500) log.error({ ...about, err: error }, 'request failed')
  return sendProblem(reply, problem)
}

/** Headers that spoke of the answer that did not come about. */
const ofTheAnswer = [
  'quarry-as-of',
  'content-encoding',
  'content-length',
  'content-range',
  'content-disposition',
  'etag',
]

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  for (const name of ofTheAnswer) reply.removeHeader(name)
  return reply
    .code(problem.status)
    .headers({ 'cache-control': 'no-store', ...problem.headers })
    .type('application/problem+json')
    .send(problemBody(problem))
}

export function problemOf(error: unknown, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error
  if (error instanceof RefusedQuery) return wrongFields(error.problems)
  if (error instanceof UserError) return new Problem(400, 'the request is wrong', withMend(error))
  if (isDatabaseAway(error) || isBusy(error))
    return new Problem(503, 'the database is away', 'ask again in a few seconds: nothing was done by halves', {
      headers: { 'retry-after': '5' },
      cause: error,
    })
  const code = fieldOf(error, 'code')
  const status = fieldOf(error, 'statusCode')
  const known = typeof code === 'string' ? fastifyProblem(code, request) : null
  if (known !== null) return known
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new Problem(status, 'the request is wrong', messageOf(error))
  return new Problem(500, 'something failed here', "it is in the server's log, by the id in x-request-id", {
    cause: error,
  })
}

/** What Fastify found before a route was asked. */
function fastifyProblem(code: string, { headers, routeOptions }: FastifyRequest): Problem | null {
  switch (code) {
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return wrongBody('is no JSON', 'send one JSON value in UTF-8')
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return wrongBody('is empty', 'send JSON, or leave out content-type')
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return wrongBody('has another length than content-length says', 'send the right content-length')
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Problem(
        413,
        'the body is too large',
        `this route takes up to ${routeOptions.bodyLimit} bytes; send less at once`,
      )
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new Problem(
        415,
        'the body is of a type that this route does not take',
        `send content-type: application/json in place of ${JSON.stringify(headers['content-type'] ?? null)}`,
      )
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new Problem(404, 'not found', 'nothing has so long a name')
    case 'FST_ERR_BAD_URL':
      return new Problem(400, 'the address is malformed', 'percent-encode it as UTF-8')
    default:
      return null
  }
}

function wrongBody(problem: string, mend: string): Problem {
  return new Problem(400, 'the body is wrong', `the body ${problem}: ${mend}`, {
    errors: [{ field: 'body', problem, mend }],
  })
}

/** Everything that Postgres has for us is in use, or it was told to stop: as good as away. */
function isBusy(error: unknown): boolean {
  return error instanceof Fault && error.kind === 'database'
}

function withMend({ message, mend }: UserError): string {
  return mend === null ? message : `${message}: ${mend}`
}

function fieldOf(error: unknown, field: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, field) : undefined
}
