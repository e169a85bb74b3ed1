import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Caller } from '../access/index.ts'
import { isSignal, type TaskFilter } from '../query/filter.ts'
import type { WalkSizes } from './walking.ts'

export interface LeaseRequest {
  /** What the training run calls itself: it is never given the same task twice. */
  readonly consumer: string
  /** Tasks, 1 to 1000. */
  readonly count: number
  readonly ttlSeconds: number
  readonly attempts: number
  readonly filter: TaskFilter
  /** Null: never again; otherwise tasks that were completed longer ago are served once more, after all others. */
  readonly againAfterSeconds: number | null
}

/** A request, and who sends it. */
export interface Asked {
  readonly caller: Caller
  readonly request: LeaseRequest
  /** The sender's own for it; null: none. */
  readonly key: string | null
  readonly sizes: WalkSizes
}

/** A filter as JSON: what is not asked is not there, and a time is its text. */
export function filterJson(filter: TaskFilter): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(filter))
}

/** Tells two walks of a consumer apart. */
export function walkKey({ filter, againAfterSeconds }: Pick<LeaseRequest, 'filter' | 'againAfterSeconds'>): string {
  return digestOf({ filter: filterJson(filter), againAfterSeconds })
}

/** sha256 of a value's canonical JSON, in hex. */
export function digestOf(value: object): string {
  return createHash('sha256')
    .update(canonicalize(JSON.parse(JSON.stringify(value))) ?? '')
    .digest('hex')
}

/** Whether a task may come to match without being published: its solve rate is asked for. */
export function asksSolveRates(filter: TaskFilter): boolean {
  const flags = [...(filter.flag ?? []), ...(filter.without_flag ?? [])]
  const asked = [filter.solve_rate_min, filter.solve_rate_max, filter.attempts_min]
  return asked.some((value) => value !== undefined) || flags.some(isSignal)
}

/** Whether every task of `narrow` is one of `wide`: it asks the same, and perhaps more. */
export function isWithin(narrow: Readonly<Record<string, unknown>>, wide: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(wide).every(([name, value]) => canonicalize(narrow[name]) === canonicalize(value))
}
