/**
 * The typed errors of Quarry. No code reads a message: it asks for the class or the field.
 *
 * - `UserError`: what the user gave is wrong; names what and the mend; exit code 2, never a stack trace.
 * - `Fault`: the machine's failure (disk, database, network); a job that meets one is retried, never refused.
 * - `Refusal` is no error: see `model/refusal.ts`.
 */
export class UserError extends Error {
  override readonly name = 'UserError'
  readonly mend: string | null
  constructor(message: string, options: { mend?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.mend = options.mend ?? null
  }
}

export class Fault extends Error {
  override readonly name = 'Fault'
  /** A short, fixed word for what failed, e.g. `disk-full`, `sandbox`, `registry`, `database`. */
  readonly kind: string
  readonly mend: string | null
  constructor(kind: string, message: string, options: { mend?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.kind = kind
    this.mend = options.mend ?? null
  }
}

/** The message of anything thrown, for evidence and logs. A failed query is told by its cause: its own message quotes what was stored. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if ('query' in error && 'params' in error)
    return `the database failed: ${messageOf(error.cause ?? 'no cause is known')}`
  // Where several addresses were tried in vain, Node.js says nothing but the code.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ')
  return error.message
}
