import { AsyncLocalStorage } from 'node:async_hooks'
import pino from 'pino'
import { messageOf } from './errors.ts'

/** Structured logs on standard error (standard output is for results). A line is a fixed message with fields. */
export type Log = pino.Logger

/** What is being worked on, as far as it is known. */
export interface LogFields {
  /** GUID of a webhook's delivery. */
  readonly delivery?: string
  readonly event?: string
  /** `owner/name` */
  readonly repository?: string
  readonly pull?: number
  readonly stage?: string
  readonly candidate?: number
  readonly job?: string
  readonly queue?: string
  readonly attempt?: number
  /** Id of a request to the API, as its answer's `x-request-id` has it. */
  readonly request?: string
  /** Why a job had nothing to do. */
  readonly passed?: string
  /** One of GitHub's hourly budgets, and how long it is waited for. */
  readonly resource?: string
  readonly seconds?: number
}

const current = new AsyncLocalStorage<{ fields: LogFields }>()

/** Lines, to standard error where no `destination` is given, with the fields of what is being worked on. */
export function makeLog(level: string, destination: pino.DestinationStream = pino.destination(2)): Log {
  const options = {
    level,
    base: null,
    // pino adds to what it is given.
    mixin: () => ({ ...current.getStore()?.fields }),
    serializers: { err: plainError },
  }
  return pino(options, destination)
}

/** Every line that `work` logs, however deep inside and by whichever logger of `makeLog`, carries these fields beside those around it. */
export function withLogFields<T>(fields: LogFields, work: () => T): T {
  return current.run({ fields: { ...current.getStore()?.fields, ...fields } }, work)
}

/** Adds what came to light to the fields of the innermost `withLogFields`; outside of one it does nothing. */
export function addLogFields(fields: LogFields): void {
  const store = current.getStore()
  if (store !== undefined) store.fields = { ...store.fields, ...fields }
}

/** Libraries hang requests, rows and whole payloads on their errors: none of that belongs into a log. */
function plainError(error: unknown): object {
  const stack = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : []
  return {
    type: error instanceof Error ? error.name : typeof error,
    message: messageOf(error),
    stack: stack.join('\n'),
  }
}
