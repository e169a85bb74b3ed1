import { z } from 'zod'
import { wholeNumber } from '../../query/filter-values.ts'

/** How tasks are named: `acme__shop-123` is the newest revision, `acme__shop-123@2` that one. What can't be a name is one of no task. */
export const taskId = z
  .string()
  .max(250)
  .regex(/^[\w.-]+-\d[\w.-]*(@[1-9]\d{0,8})?$/)
  .meta({
    description: "The task's name, which means its newest revision, or `name@revision`",
    examples: ['acme__shop-123'],
  })

export const taskParams = z.object({ task: taskId })

/** Bytes as an answer's body: OpenAPI's words for it. */
export function bytes(description: string): z.ZodType {
  return z.string().meta({ description, format: 'binary' })
}

/** Which immutable task an answer is of. */
export const identity = {
  task: z.string().meta({ examples: ['acme__shop-123'] }),
  revision: z
    .int()
    .min(1)
    .meta({ examples: [1] }),
  content_hash: z.string().describe('The identity of what the task holds: `sha256:` and 64 hex digits'),
}

export const pageLimit = wholeNumber('rows a page', 1, 1000)
  .unwrap()
  .default(100)
  .meta({ description: 'rows a page, 1 to 1000; 100 by default' })

export const pageCursor = z
  .string()
  .max(2000)
  .optional()
  .meta({ description: '`next_cursor` of the page before, with the same other parameters' })

export const repositoryName = z
  .string()
  .max(150)
  .regex(/^[\w.-]+\/[\w.-]+$/, 'is no repository; give owner/name')
  .meta({ description: '`owner/name`, in whatever case', examples: ['acme/shop'] })

export const accountName = z
  .string()
  .max(100)
  .regex(/^[\w.-]+$/, 'is no account; give its name')
  .meta({ description: 'An account, in whatever case', examples: ['acme'] })
