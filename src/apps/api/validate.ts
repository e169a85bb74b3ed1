import type { FastifySchemaCompiler } from 'fastify'
import { z } from 'zod'
import { fieldProblems } from './field-problems.ts'
import { notFound, wrongFields } from './problem.ts'

/**
 * Checks a part of a request by its zod schema. What is wrong becomes a 400 that names each field and its mend; an address that can't
 * be one of ours is one where nothing is.
 */
export const checkRequest: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const part = httpPart === 'querystring' || httpPart === 'headers' ? httpPart : 'body'
  return (data: unknown) => {
    const checked = schema.safeParse(data)
    if (checked.success) return { value: checked.data }
    if (httpPart === 'params') return { error: notFound(Object.entries(Object(data)).flat().join(' ')) }
    return { error: wrongFields(fieldProblems(checked.error.issues, { schema, part, data })) }
  }
}

/** A parameter that nobody knows is a mistake, and not ignored: what a route does not say to take, it refuses. */
export function strictly(schema: unknown): z.ZodType {
  if (schema === undefined) return z.strictObject({})
  if (!(schema instanceof z.ZodType)) throw new Error('a route states a schema that is none of zod')
  return schema instanceof z.ZodObject && schema.def.catchall === undefined ? schema.strict() : schema
}
