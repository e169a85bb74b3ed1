import { z } from 'zod'
import type { Evidence, Reason } from '../model/index.ts'
import { code } from './markdown.ts'

/** A text or a number of the evidence as code; null where there is none. */
export function told(evidence: Evidence, key: string): string | null {
  const value = evidence[key]
  return typeof value === 'string' || typeof value === 'number' ? code(String(value)) : null
}

/** Texts of a list in the evidence, as code, with commas; null where there are none. */
export function listed(evidence: Evidence, key: string): string | null {
  const read = z.array(z.string()).safeParse(evidence[key])
  if (!read.success || read.data.length === 0) return null
  const shown = read.data.slice(0, 5).map((each) => code(each))
  return [...shown, ...(read.data.length > 5 ? [`${read.data.length - 5} more`] : [])].join(', ')
}

const attempts = z.array(z.looseObject({ reason: z.string().nullish() }))

/** What the first strategy that failed for this reason left as its evidence; where none did, the refusal's own. */
export function attemptWith(evidence: Evidence, reason: Reason): Evidence {
  const read = attempts.safeParse(evidence.strategies)
  return (read.success ? read.data.find((each) => each.reason === reason) : undefined) ?? evidence
}

/** `words` with a known detail behind them; without one, the words alone. */
export function withDetail(words: string, lead: string, detail: string | null): string {
  return detail === null ? words : `${words} ${lead} ${detail}.`
}
