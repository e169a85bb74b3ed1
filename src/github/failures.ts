import { Fault, messageOf } from '../errors.ts'

/** The HTTP status of a failed request of Octokit's; null where it was none. */
export function statusOf(error: unknown): number | null {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : null
}

/** Gone, or not to be seen: GitHub answers both alike. */
export function isNotThere(error: unknown): boolean {
  const status = statusOf(error)
  return status === 404 || status === 410 || status === 451
}

/** What GitHub or the way to it did wrong, as a fault of which the job is tried again. */
export function asFault(error: unknown): unknown {
  if (error instanceof Fault || !(error instanceof Error)) return error
  const status = statusOf(error)
  if (status !== null) return new Fault('github', `GitHub answered ${status}: ${messageOf(error)}`, { cause: error })
  // GraphQL's refusals come with a status of 200, and Octokit throws them without.
  if ('errors' in error && 'data' in error) return new Fault('github', messageOf(error), { cause: error })
  return error
}
