import type { Answer } from './exit-codes.ts'
import type { Output } from './output.ts'
import type { Progress } from './progress.ts'
import type { Services } from './services.ts'

/** What a running command has in hand. */
export interface Session {
  readonly services: Services
  readonly output: Output
  readonly progress: Progress
  /** Aborted by Ctrl-C, SIGTERM, or when nobody reads standard output any more. */
  readonly signal: AbortSignal
  /** Says that this command runs until it is stopped, and how long it may take to end then. */
  expectStop(graceSeconds: number): void
}

/** Runs a command's body with a session; its answer becomes the exit code. */
export type Run = (options: { readonly json?: boolean }, body: (session: Session) => Promise<Answer>) => Promise<void>
