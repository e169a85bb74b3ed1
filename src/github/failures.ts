import { z } from 'zod'
import { Fault, messageOf } from '../errors.ts'

/** The HTTP status of a failed request of Octokit's; null where it was none. */
export function statusOf(error: unknown): number | null {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : null
}

const failedRequest = z.object({ status: z.int(), request: z.object({ url: z.string() }) })

/**
 * What GitHub has against the App itself, and not against what it asked for; null for any other failure. Requests of an installation
 * are preceded by one for its token, and fail as that one does: its 404 says nothing of a repository.
 */
export function appRefusal(error: unknown): Fault | null {
  const failed = failedRequest.safeParse(error)
  if (!failed.success) return null
  const { status, request } = failed.data
  const path = new URL(request.url).pathname
  if (status === 401 && /\/app(\/|$)/.test(path)) {
    const mend =
      "set APP_ID and PRIVATE_KEY of one and the same App; its page makes a new key, and the machine's clock has to be right"
    return new Fault('app-key', "GitHub does not accept the App's key", { mend, cause: error })
  }
  const installation = /\/app\/installations\/(\d+)\/access_tokens$/.exec(path)?.[1]
  if (installation === undefined) return null
  if (status === 403)
    return new Fault('suspended', `installation ${installation} of the App is suspended`, { cause: error })
  if (status !== 404) return null
  return new Fault('uninstalled', `the App has no installation ${installation}`, {
    mend: 'once GitHub tells that it was uninstalled, or at night, what came of it goes; is APP_ID that of the App?',
    cause: error,
  })
}

/** The token that was sent is worth nothing (any more), or not enough. */
export function isUnauthorised(error: unknown): boolean {
  const status = statusOf(error)
  return status === 401 || status === 403
}

/** Gone, or not to be seen: GitHub answers both alike. */
export function isNotThere(error: unknown): boolean {
  if (appRefusal(error) !== null) return false
  const status = statusOf(error)
  return status === 404 || status === 410 || status === 451
}

/** What GitHub or the way to it did wrong, as a fault of which the job is tried again. */
export function asFault(error: unknown): unknown {
  if (error instanceof Fault || !(error instanceof Error)) return error
  const refusal = appRefusal(error)
  if (refusal !== null) return refusal
  const status = statusOf(error)
  if (status !== null) return new Fault('github', `GitHub answered ${status}: ${messageOf(error)}`, { cause: error })
  // GraphQL's refusals come with a status of 200, and Octokit throws them without.
  if ('errors' in error && 'data' in error) return new Fault('github', messageOf(error), { cause: error })
  return error
}
