import { z } from 'zod'
import type { Budget, Resource } from './budget.ts'

/** An answer of Octokit's as far as it tells of limits. */
interface Answer {
  readonly headers: Readonly<Record<string, unknown>>
  readonly data: unknown
}

/** So often a request that was refused for a limit is sent again; after that the job is tried again as a whole. */
const mostWaits = 5
/** What GitHub asks for where it does not say how long. */
const unsaidMs = 60_000
/** Budgets are an hour's; a header that says more is wrong. */
const longestMs = 3_660_000

const thrown = z.object({
  status: z.int(),
  response: z.object({ headers: z.record(z.string(), z.unknown()), data: z.unknown() }),
})
const rateLimited = z.object({ errors: z.array(z.object({ type: z.string().optional() })) })
const worded = z.object({ message: z.string() })

/**
 * Sends a request within GitHub's limits (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api): waits
 * first where one was reached, its own request or another's, and sends what was refused for one again when it is over.
 */
export async function withinLimits<A extends Answer>(
  send: () => Promise<A>,
  budget: Budget,
  resource: Resource,
  signal?: AbortSignal,
): Promise<A> {
  for (let waits = 0; ; waits += 1) {
    // Others may be refused while this one waits.
    for (let held = budget.held(resource); held > 0; held = budget.held(resource))
      await budget.wait(resource, held, signal)
    try {
      const answer = await send()
      budget.note(answer.headers)
      if (!isRateLimited(answer.data) || waits === mostWaits) return answer
      heed(budget, resource, answer, waits)
    } catch (error) {
      const refused = refusalIn(error)
      if (refused === null) throw error
      heed(budget, resource, refused, waits)
      if (waits === mostWaits) throw error
    }
  }
}

/** GraphQL refuses with a status of 200. */
function isRateLimited(data: unknown): boolean {
  const answer = rateLimited.safeParse(data)
  return answer.success && answer.data.errors.some(({ type }) => type === 'RATE_LIMITED')
}

/** What a limit refused; null for any other error. Without `retry-after` only its words tell a secondary limit from other refusals. */
function refusalIn(error: unknown): Answer | null {
  const failed = thrown.safeParse(error)
  if (!failed.success) return null
  const { status, response } = failed.data
  const isLimit =
    status === 429 ||
    (status === 403 &&
      (response.headers['retry-after'] !== undefined ||
        response.headers['x-ratelimit-remaining'] === '0' ||
        /secondary rate limit/i.test(worded.safeParse(response.data).data?.message ?? '')))
  return isLimit ? response : null
}

/** A secondary limit holds all requests, a primary one those of its budget. */
function heed(budget: Budget, resource: Resource, { headers, data }: Answer, waits: number): void {
  budget.note(headers)
  const after = Number(headers['retry-after'] ?? Number.NaN) * 1000
  const reset = Number(headers['x-ratelimit-reset'] ?? Number.NaN) * 1000
  const isPrimary = headers['x-ratelimit-remaining'] === '0' || isRateLimited(data)
  if (Number.isFinite(after)) budget.hold(null, Math.min(after, longestMs))
  // A second more: GitHub's clock is not ours.
  else if (isPrimary && Number.isFinite(reset))
    budget.hold(resource, Math.min(Math.max(0, reset - Date.now()) + 1000, longestMs))
  else budget.hold(null, Math.min(unsaidMs * 2 ** waits, longestMs))
}
