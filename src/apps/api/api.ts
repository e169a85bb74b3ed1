import accepts from '@fastify/accepts'
import compress from '@fastify/compress'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { makeAuditTrail } from './audit-trail.ts'
import { makeAuthentication } from './authenticate.ts'
import { registerDocsPage } from './docs-page.ts'
import { describeApi } from './document.ts'
import { answerFailure } from './failures.ts'
import { makeKnownRoutes } from './known-routes.ts'
import { Problem } from './problem.ts'
import { limitRates } from './rate-limits.ts'
import { logRequests } from './request-log.ts'
import { routes } from './routes/index.ts'
import { tagAnswers } from './tag-answers.ts'
import type { ApiServices } from './types.ts'
import { checkRequest, strictly } from './validate.ts'

/** The HTTP API below /v1, its document at /openapi.json and a reader of it at /docs. */
export async function registerApi(web: FastifyInstance, services: ApiServices): Promise<void> {
  const stopping = new AbortController()
  web.addHook('preClose', async () => stopping.abort())
  await describeApi(web)
  await registerDocsPage(web)
  const below: FastifyPluginAsync = (scope) => openScope(scope, services, stopping.signal)
  await web.register(below, { prefix: '/v1' })
}

/** A JSON body is a query or a batch of outcomes; routes that take patches say so themselves. */
const bodyLimit = 2 ** 20

/** What holds below /v1 alone: schemas, problem documents, and nothing without a token. */
async function openScope(scope: FastifyInstance, services: ApiServices, stopping: AbortSignal): Promise<void> {
  const { db, log } = services
  scope.setValidatorCompiler(checkRequest)
  scope.setSerializerCompiler(serializerCompiler)
  // JSON is taken, and nothing else.
  scope.removeContentTypeParser('text/plain')
  const known = makeKnownRoutes()
  scope.setErrorHandler((error, request, reply) => {
    // A body of a wrong kind at a wrong address is wrong for the address.
    const isElsewhere = request.is404 && !(error instanceof Problem)
    return answerFailure(isElsewhere ? known.missing(request) : error, request, reply, log)
  })
  scope.setNotFoundHandler((request) => {
    throw known.missing(request)
  })
  scope.decorateRequest('caller')
  scope.addHook('onRoute', (route) => {
    known.add(route)
    route.bodyLimit ??= bodyLimit
    const { querystring, body, ...schema } = route.schema ?? {}
    route.schema = {
      ...schema,
      querystring: strictly(querystring),
      ...(body === undefined ? {} : { body: strictly(body) }),
    }
  })
  logRequests(scope, log)
  const authenticate = makeAuthentication(db, log)
  scope.addHook('onRequest', async (request) => {
    request.caller = await authenticate(request)
  })
  await limitRates(scope, services.rateLimits)
  scope.addHook('onRequest', async (request) => {
    if (!request.is404 && known.isAstray(request)) throw known.missing(request)
  })
  await scope.register(accepts)
  tagAnswers(scope)
  await scope.register(compress, compression)
  const api = scope.withTypeProvider<ZodTypeProvider>()
  for (const register of routes) register(api, { ...services, audit: makeAuditTrail(db), stopping })
}

/** Answers where the client asks for it, the best first; blobs are compressed as they are stored. Bodies of requests, too. */
const compression = {
  encodings: ['zstd', 'br', 'gzip'],
  requestEncodings: ['zstd', 'br', 'gzip'],
  customTypes: /^(text\/|application\/(.+\+)?(json|x-ndjson|openmetrics-text))/,
} satisfies Parameters<typeof compress>[1]
