import { ProbotOctokit } from 'probot'
import { type Budget, makeBudget, withinLimits } from '../../github/index.ts'

type Options = NonNullable<ConstructorParameters<typeof ProbotOctokit>[0]>

const budgets = new WeakMap<object, Budget>()

/** What is left to an Octokit: one is made for each installation. */
export function budgetOf(octokit: object): Budget {
  const known = budgets.get(octokit) ?? makeBudget()
  budgets.set(octokit, known)
  return known
}

/** Statuses after which the very same request can't succeed; limits (429) are waited for. */
const notAgain = [400, 401, 403, 404, 410, 422, 429, 451]

/**
 * Probot's Octokit with limits of our own. Octokit's throttling sends one GraphQL request a second, as if each wrote something; it
 * overlooks that GraphQL refuses on Enterprise servers, whose path is another; and secondary limits are not retried by Probot.
 */
export const LimitedOctokit = ProbotOctokit.plugin((octokit) => {
  octokit.hook.wrap('request', (request, options) => {
    const resource = options.url.endsWith('/graphql') ? 'graphql' : 'core'
    return withinLimits(async () => request(options), budgetOf(octokit), resource, options.request.signal)
  })
}).defaults((options: Options) => ({
  ...options,
  auth: withoutRequest(options.auth),
  throttle: { ...options.throttle, enabled: false },
  retry: { ...options.retry, doNotRetry: notAgain },
}))

/**
 * Probot brings what fetches the App's tokens, and does not tell it where GitHub is: asked for one that is not known yet it goes to
 * api.github.com, with what proves the App. Without it Octokit takes its own.
 */
function withoutRequest(auth: unknown): unknown {
  if (typeof auth !== 'object' || auth === null || !('request' in auth)) return auth
  const { request: _, ...rest } = auth
  return rest
}
