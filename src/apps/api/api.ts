import swagger from '@fastify/swagger'
import scalar from '@scalar/fastify-api-reference'
import type { FastifyInstance } from 'fastify'
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import { authenticate } from './authenticate.ts'
import { answerFailure } from './failures.ts'
import { notFound } from './problem.ts'
import { routes } from './routes/index.ts'
import type { ApiServices } from './types.ts'

/** The HTTP API below /v1, its document at /openapi.json and a reader of it at /docs. */
export async function registerApi(web: FastifyInstance, services: ApiServices): Promise<void> {
  await web.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Quarry', version: '1', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: jsonSchemaTransform,
  })
  web.get('/openapi.json', { schema: { hide: true } }, async () => web.swagger())
  await web.register(scalar, { routePrefix: '/docs' })
  await web.register(
    (scope, _settings, done) => {
      openScope(scope, services)
      done()
    },
    { prefix: '/v1' },
  )
}

/** What holds below /v1 alone: schemas, problem documents, and nothing without a token. */
function openScope(scope: FastifyInstance, services: ApiServices): void {
  scope.setValidatorCompiler(validatorCompiler)
  scope.setSerializerCompiler(serializerCompiler)
  scope.setErrorHandler((error, request, reply) => answerFailure(error, request, reply, services.log))
  scope.setNotFoundHandler(() => {
    throw notFound('such route')
  })
  scope.decorateRequest('caller')
  scope.addHook('onRoute', ({ config, url }) => {
    if (config?.scope === undefined) throw new Error(`the route ${url} states no scope`)
  })
  scope.addHook('onRequest', async (request) => {
    request.caller = await authenticate(services.db, request)
  })
  const api = scope.withTypeProvider<ZodTypeProvider>()
  for (const register of routes) register(api, services)
}
