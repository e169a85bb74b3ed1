import { generateKeyPairSync } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { makeCallers } from './callers.ts'
import { type Delivery, makeDeliveries } from './deliveries.ts'
import { type Fault, makeFaults } from './faults.ts'
import { type GitObjects, openObjects } from './git-objects.ts'
import { makeHttpServer } from './http-server.ts'
import type { Json, JsonObject } from './json.ts'
import { makePayloads, type Payloads } from './payloads.ts'
import { makeChecks, type PublishedChecks } from './published/checks.ts'
import { publishedDescription } from './published/description.ts'
import { makeRateLimits, type RateLimits } from './rate-limits.ts'
import type { CheckRun } from './rest/check-runs.ts'
import { playedOperations } from './rest/router.ts'
import { makeShapes } from './rest/shapes.ts'
import type { Scene, Stage } from './scene.ts'
import type { LoggedRequest } from './types.ts'
import { makeWorld, type World } from './world.ts'

export type { Delivery } from './deliveries.ts'
export type { Fault } from './faults.ts'
export type { Json, JsonObject } from './json.ts'
export type { CheckRun } from './rest/check-runs.ts'
export type { Installation, Issue, LoggedRequest, Pull, Repository } from './types.ts'

export interface GitHubOptions {
  /** Default: true. Without it a server starts without GitHub's descriptions, and answers faster. */
  readonly validate?: boolean
  readonly appId?: number
  readonly webhookSecret?: string
  /** A person's token, which sees public repositories only. */
  readonly personalToken?: string
  /** Default: an hour, as GitHub's. */
  readonly tokenSeconds?: number
}

/**
 * GitHub, played on 127.0.0.1: REST below `/api/v3`, GraphQL at `/api/graphql`, git at `/owner/name.git`. The APIs are also right at
 * the top, as on api.github.com: Octokit's throttling knows GraphQL's limits by the path `/graphql` only.
 */
export interface GitHubServer extends World {
  /** `http://127.0.0.1:PORT`; Octokit's `baseUrl` is this with `/api/v3`, or alone. */
  readonly url: string
  readonly appId: number
  /** PEM, as GitHub hands it out. */
  readonly privateKey: string
  readonly webhookSecret: string
  readonly personalToken: string
  /** For `POST /app-manifests/{code}/conversions`. */
  readonly manifestCode: string
  readonly requests: LoggedRequest[]
  /** What went against GitHub's published descriptions, on either side. Tests hold it to be empty. */
  readonly problems: string[]
  readonly checkRuns: readonly CheckRun[]
  readonly deliveries: readonly Delivery[]
  readonly payloads: Payloads
  /** Posts a signed webhook and waits for the answer, whose status is in the delivery. */
  deliver(event: string, payload: JsonObject, options: { to: string; guid?: string }): Promise<Delivery>
  /** Where redeliveries go from now on. Default: where the first attempt went. */
  moveWebhooks(url: string): void
  /** Until the redeliveries that were asked for have been made. */
  redelivered(): Promise<void>
  readonly setRateLimit: RateLimits['set']
  failNext(fault: Fault): void
  clearFaults(): void
  /** Milliseconds before each answer. */
  setLatency(milliseconds: number): void
  /** All installation tokens so far are refused from now on. */
  expireTokens(): void
  /** Changes REST answers on their way out, by the operation's name; `null` ends it. */
  tamper(change: ((operation: string, body: Json) => Json) | null): void
  close(): Promise<void>
}

let key: string | null = null

/** Generated once in a process: it takes a tenth of a second. */
function appKey(): string {
  key ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  }).privateKey
  return key
}

export async function startGitHub(options: GitHubOptions = {}): Promise<GitHubServer> {
  let stage: Stage | null = null
  const http = makeHttpServer(() => {
    if (stage === null) throw new Error('the server has not started')
    return stage
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const open = new Map<string, GitObjects>()
  const scene = makeScene(options, `http://127.0.0.1:${portOf(http.address())}`, open)
  const dials = makeDials(scene, options.validate ?? true)
  stage = dials.stage
  return {
    ...serverOf(scene, dials, options),
    async close() {
      await scene.deliveries.settled()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
      for (const objects of open.values()) objects.close()
    },
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server listens nowhere')
  return address.port
}

const defaultToken = 'ghp_personal'

function makeScene(options: GitHubOptions, url: string, open: Map<string, GitObjects>): Scene {
  const { appId = 4242, webhookSecret = 'webhook-secret', personalToken = defaultToken, tokenSeconds = 3_600 } = options
  const privateKey = appKey()
  const examples = () => publishedDescription(playedOperations).examples
  return {
    url,
    appId,
    appSlug: 'quarry',
    privateKey,
    webhookSecret,
    manifestCode: 'manifest-code',
    world: makeWorld(),
    callers: makeCallers({ appId, privateKey, personalToken, tokenSeconds }),
    rates: makeRateLimits(),
    shapes: makeShapes(url, examples),
    deliveries: makeDeliveries({ appId, secret: webhookSecret }),
    checkRuns: [],
    problems: [],
    examples,
    objects({ gitDir }) {
      const objects = open.get(gitDir) ?? openObjects(gitDir)
      open.set(gitDir, objects)
      return objects
    },
  }
}

/** The stage, and what turns its knobs. */
interface Dials {
  readonly stage: Stage
  setLatency(milliseconds: number): void
  tamper(change: ((operation: string, body: Json) => Json) | null): void
}

function makeDials(scene: Scene, validate: boolean): Dials {
  let checks: PublishedChecks | null = null
  let latency = 0
  let change: ((operation: string, body: Json) => Json) | null = null
  const stage: Stage = {
    scene,
    faults: makeFaults(),
    requests: [],
    checks() {
      if (validate) checks ??= makeChecks(publishedDescription(playedOperations))
      return checks
    },
    latency: () => latency,
    tamper: (operation, body) => change?.(operation, body) ?? body,
  }
  return {
    stage,
    setLatency(milliseconds) {
      latency = milliseconds
    },
    tamper(next) {
      change = next
    },
  }
}

function serverOf(
  scene: Scene,
  { stage, setLatency, tamper }: Dials,
  options: GitHubOptions,
): Omit<GitHubServer, 'close'> {
  return {
    ...scene.world,
    url: scene.url,
    appId: scene.appId,
    privateKey: scene.privateKey,
    webhookSecret: scene.webhookSecret,
    personalToken: options.personalToken ?? defaultToken,
    manifestCode: scene.manifestCode,
    requests: stage.requests,
    problems: scene.problems,
    checkRuns: scene.checkRuns,
    deliveries: scene.deliveries.all,
    payloads: makePayloads(scene),
    async deliver(event, payload, to) {
      scene.problems.push(...(stage.checks()?.webhook(event, payload) ?? []))
      return await scene.deliveries.deliver(event, payload, to)
    },
    moveWebhooks: scene.deliveries.moveTo,
    redelivered: scene.deliveries.settled,
    setRateLimit: scene.rates.set,
    failNext: stage.faults.failNext,
    clearFaults: stage.faults.clear,
    setLatency,
    expireTokens: scene.callers.expireTokens,
    tamper,
  }
}
