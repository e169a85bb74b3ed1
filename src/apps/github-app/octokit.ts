import { ProbotOctokit } from 'probot'
import { type Budget, type BudgetOptions, makeBudget, withinLimits } from '../../github/index.ts'
import { withLogFields } from '../../log.ts'

type Options = NonNullable<ConstructorParameters<typeof ProbotOctokit>[0]>

const budgets = new WeakMap<object, Budget>()

/** What is left to an Octokit: one is made for each installation. */
export function budgetOf(octokit: Pick<ProbotOctokit, 'log'>): Budget {
  const known = budgets.get(octokit) ?? makeBudget({ waiting: tellWaits(octokit.log) })
  budgets.set(octokit, known)
  return known
}

type OctokitLog = ProbotOctokit['log']

function tellWaits(log: OctokitLog): Required<BudgetOptions>['waiting'] {
  return (resource, seconds) => withLogFields({ resource, seconds }, () => log.info("waiting for GitHub's limit"))
}

/** Probot hands over the body of each request to be logged: it may hold what a repository keeps to itself. */
function withoutBodies(log: OctokitLog): OctokitLog {
  const messageIn = (said: readonly unknown[]) => String(said.findLast((each) => typeof each === 'string') ?? '')
  return {
    debug: (...said: unknown[]) => log.debug(messageIn(said)),
    info: (...said: unknown[]) => log.info(messageIn(said)),
    warn: (...said: unknown[]) => log.warn(messageIn(said)),
    error: (...said: unknown[]) => log.error(messageIn(said)),
  }
}

/** Statuses after which the very same request can't succeed; limits (429) are waited for. */
const notAgain = [400, 401, 403, 404, 410, 422, 429, 451]

/** Probot asks github.com for an installation's token, whichever host it was given, where no other request came first. */
function askingAt(baseUrl: string | undefined, auth: object): object {
  const asks =
    'request' in auth && typeof auth.request === 'function' && 'defaults' in auth.request ? auth.request : null
  if (baseUrl === undefined || typeof asks?.defaults !== 'function') return auth
  return { ...auth, request: asks.defaults({ baseUrl }) }
}

/**
 * Probot's Octokit with limits of our own. Octokit's throttling sends one GraphQL request a second, as if each wrote something; it
 * overlooks that GraphQL refuses on Enterprise servers, whose path is another; and secondary limits are not retried by Probot.
 */
export const LimitedOctokit = ProbotOctokit.plugin((octokit) => {
  octokit.log = withoutBodies(octokit.log)
  octokit.hook.wrap('request', (request, options) => {
    const resource = options.url.endsWith('/graphql') ? 'graphql' : 'core'
    return withinLimits(async () => request(options), budgetOf(octokit), resource, options.request.signal)
  })
}).defaults((options: Options) => ({
  ...options,
  ...(options.auth === undefined ? {} : { auth: askingAt(options.baseUrl, options.auth) }),
  throttle: { ...options.throttle, enabled: false },
  retry: { ...options.retry, doNotRetry: notAgain },
}))
