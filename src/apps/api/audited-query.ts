import { createHash } from 'node:crypto'
import type { TaskQuery } from '../../query/filter.ts'

/** What was asked, so that it can be asked again; of a long list its digest, and how long it is. */
export function auditedQuery(query: TaskQuery): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => {
      const text = JSON.stringify(value)
      const digest = () => `sha256:${createHash('sha256').update(text).digest('hex')}`
      return [name, text.length > 2000 && Array.isArray(value) ? { items: value.length, digest: digest() } : value]
    }),
  )
}
