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

/** The message of anything thrown, for evidence and logs. */
export function messageOf(error: unknown): string {
  // A host with several addresses, none of which answers, has no message of its own.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
