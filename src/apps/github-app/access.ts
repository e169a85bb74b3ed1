import { Probot, type ProbotOctokit } from 'probot'
import type { GitHubConfig } from '../../config.ts'
import { UserError } from '../../errors.ts'
import {
  appRefusal,
  type GitHubAccess,
  type GitHubClient,
  isUnauthorised,
  type Left,
  withReserve,
} from '../../github/index.ts'
import type { Log } from '../../log.ts'
import { budgetOf, LimitedOctokit } from './octokit.ts'

/** The App as Probot runs it; without the webhooks' handlers. */
export function makeProbot({ app, apiUrl }: GitHubConfig, log: Log): Probot {
  if (app === null) {
    throw new UserError('there is no GitHub App to run', {
      mend: 'set APP_ID, PRIVATE_KEY_PATH and WEBHOOK_SECRET; `quarry serve` without them helps to make one',
    })
  }
  const credentials = { appId: app.id, privateKey: app.privateKey, secret: app.webhookSecret }
  return new Probot({ ...credentials, Octokit: LimitedOctokit, baseUrl: apiUrl, log })
}

/** The ways to GitHub that the configuration gives: the App's installations, a personal token, or none (null). */
export function openAccess(config: GitHubConfig, probot: Probot | null, log: Log): GitHubAccess | null {
  const octokits = new Map<number, Promise<ProbotOctokit>>()
  const budgets = new Map<number, ReadonlyMap<string, Left>>()
  const octokitOf = (installation: number): Promise<ProbotOctokit> => {
    const known = octokits.get(installation) ?? authorised(config, probot, installation, log)
    octokits.set(installation, known)
    known.catch(() => octokits.delete(installation))
    return known
  }
  if (probot === null && config.token === null) return null
  return {
    webUrl: config.webUrl,
    appId: config.app?.id ?? null,
    forge: new URL(config.webUrl).host,
    async client(installation, purpose, signal) {
      const octokit = await octokitOf(installation)
      budgets.set(installation, budgetOf(octokit).left())
      const renew =
        installation === 0 || probot === null
          ? undefined
          : () => installationToken(probot, installation, { refresh: true })
      const client = clientOf(octokit, signal, renew)
      return purpose === 'live' ? client : withReserve(client, budgetOf(octokit), signal)
    },
    app: async () => (probot === null ? null : clientOf(await probot.auth())),
    budgets: () => budgets,
    async gitAuthorization(installation) {
      const token = await gitToken(config, probot, installation)
      return token === null ? null : `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`
    },
  }
}

/** Installation 0 is this machine's own: a personal token's, where there is one. */
async function authorised(
  config: GitHubConfig,
  probot: Probot | null,
  installation: number,
  log: Log,
): Promise<ProbotOctokit> {
  if (installation !== 0 && probot !== null) return probot.auth(installation)
  if (config.token === null) {
    throw new UserError('reading pulls from GitHub needs a token', {
      mend: 'set GITHUB_TOKEN, or give a clone or a pulls file',
    })
  }
  return new LimitedOctokit({
    auth: { token: config.token },
    baseUrl: config.apiUrl,
    log: log.child({ name: 'octokit' }),
  })
}

async function gitToken(config: GitHubConfig, probot: Probot | null, installation: number): Promise<string | null> {
  return installation === 0 || probot === null ? config.token : installationToken(probot, installation)
}

/** The one in hand, which lasts for an hour; a new one with `refresh`, or where there is none. */
async function installationToken(
  probot: Probot,
  installation: number,
  { refresh = false }: { readonly refresh?: boolean } = {},
): Promise<string | null> {
  const app = await probot.auth()
  const answer: unknown = await app
    .auth({ type: 'installation', installationId: installation, refresh })
    .catch((error: unknown) => {
      throw appRefusal(error) ?? error
    })
  const isToken = typeof answer === 'object' && answer !== null && 'token' in answer && typeof answer.token === 'string'
  return isToken ? String(answer.token) : null
}

/** `renew` makes a new token: where the old one is refused, it either helps or says what is wrong. */
function clientOf(octokit: ProbotOctokit, signal?: AbortSignal, renew?: () => Promise<unknown>): GitHubClient {
  const sending = signal === undefined ? {} : { request: { signal } }
  const send = async <T>(request: () => Promise<T>): Promise<T> => {
    try {
      return await request().catch(async (error: unknown) => {
        if (renew === undefined || !isUnauthorised(error)) throw error
        await renew()
        return request()
      })
    } catch (error) {
      throw appRefusal(error) ?? error
    }
  }
  return {
    graphql: (query, variables) => send(() => octokit.graphql(query, { ...variables, ...sending })),
    request: (route, parameters) =>
      send(async () => {
        const { data, headers } = await octokit.request(route, { ...parameters, ...sending })
        return { data, headers }
      }),
  }
}
