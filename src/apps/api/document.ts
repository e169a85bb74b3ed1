import swagger from '@fastify/swagger'
import type { FastifyInstance, FastifySchema } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { type Scope, scopes } from '../../access/index.ts'
import { completed } from './document-parts.ts'

const description = `Vetted coding environments for training: find tasks, lease them, take their snapshots and environments, have
patches graded, tell what came of it.

Every request carries a token: \`Authorization: Bearer quarry_…\`, made by \`quarry token create\`. A token has scopes, and may be bound to
owners. What a token may not see does not exist for it: it is answered with 404.

What is wrong is told as a problem document (RFC 9457) that names each wrong field and its mend. docs/api.md is the guide.`

const tags = [
  { name: 'tasks', description: 'Find tasks, and what each is made of' },
  { name: 'leases', description: 'Take tasks that a consumer was not served before' },
  { name: 'grades', description: 'Have patches graded' },
  { name: 'outcomes', description: 'Tell what came of attempts, and read how often tasks are solved' },
  { name: 'export', description: 'Take many tasks in a format that others read' },
  { name: 'operation', description: 'For operators: figures, the ledger, repositories' },
]

/** Gathers the routes that are registered after it into the document at /openapi.json. */
export async function describeApi(web: FastifyInstance): Promise<void> {
  await web.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Quarry', version: '1', description, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
      servers: [{ url: '/', description: 'This server' }],
      tags,
      components: {
        securitySchemes: { token: { type: 'http', scheme: 'bearer', description: scopeLines() } },
      },
    },
    transform: (route) => {
      const { scope } = route.route.config ?? {}
      const transformed = jsonSchemaTransform(route)
      return scope === undefined ? transformed : { ...transformed, schema: withScope(transformed.schema, scope) }
    },
    transformObject: (document) => completed(jsonSchemaTransformObject(document)),
  })
  web.get('/openapi.json', { schema: { hide: true } }, async () => web.swagger())
}

/** OpenAPI 3.1 names what a caller needs beside the scheme; readers that don't show it have it in the text. */
function withScope(schema: FastifySchema, scope: Scope): FastifySchema {
  const said = schema.description === undefined ? [] : [schema.description]
  return {
    ...schema,
    security: [{ token: [scope] }],
    description: [...said, `Scope: \`${scope}\`.`].join('\n\n'),
  }
}

function scopeLines(): string {
  const lines = Object.entries(scopes).map(([name, what]) => `- \`${name}\`: ${what}`)
  return ['A token of `quarry token create`, with the scopes it was made with:', '', ...lines].join('\n')
}
