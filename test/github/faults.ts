import type { LoggedRequest } from './types.ts'

/**
 * - `500`, `502`: GitHub's own trouble
 * - `primary`: the hour's budget is used up
 * - `secondary`: too much at once
 * - `slow`: answers rightly, after `delay` milliseconds
 * - `reset`: cuts the connection without an answer
 */
export type FaultKind = '500' | '502' | 'primary' | 'secondary' | 'slow' | 'reset'

export interface Fault {
  readonly kind: FaultKind
  /** Default 1. */
  readonly times?: number
  /** Default: any request. */
  readonly matching?: (request: Readonly<LoggedRequest>) => boolean
  /** Seconds, told with `secondary`. Default 60. */
  readonly retryAfter?: number
  /** For `primary`. Default: in an hour. */
  readonly resetAt?: Date
  /** Milliseconds, for `slow`. Default 1,000. */
  readonly delay?: number
}

export interface Faults {
  failNext(fault: Fault): void
  /** The fault that strikes this request, which is thereby used once. The first declared goes first. */
  strike(request: Readonly<LoggedRequest>): Fault | null
  clear(): void
}

export function makeFaults(): Faults {
  let waiting: { fault: Fault; left: number }[] = []
  return {
    failNext(fault) {
      waiting.push({ fault, left: fault.times ?? 1 })
    },
    strike(request) {
      const found = waiting.find(({ fault, left }) => left > 0 && (fault.matching?.(request) ?? true))
      if (found === undefined) return null
      found.left -= 1
      waiting = waiting.filter(({ left }) => left > 0)
      return found.fault
    },
    clear() {
      waiting = []
    },
  }
}
