import type { Callers } from './callers.ts'
import type { Deliveries } from './deliveries.ts'
import type { Faults } from './faults.ts'
import type { GitObjects } from './git-objects.ts'
import type { Json } from './json.ts'
import type { PublishedChecks } from './published/checks.ts'
import type { RateLimits } from './rate-limits.ts'
import type { CheckRun } from './rest/check-runs.ts'
import type { Shapes } from './rest/shapes.ts'
import type { LoggedRequest, Repository } from './types.ts'
import type { World } from './world.ts'

/** What the routes and resolvers of one server share. */
export interface Scene {
  readonly url: string
  readonly appId: number
  readonly appSlug: string
  readonly privateKey: string
  readonly webhookSecret: string
  readonly manifestCode: string
  readonly world: World
  readonly callers: Callers
  readonly rates: RateLimits
  readonly shapes: Shapes
  readonly deliveries: Deliveries
  readonly checkRuns: CheckRun[]
  readonly problems: string[]
  examples(): ReadonlyMap<string, Json>
  objects(repository: Repository): GitObjects
}

/** What the HTTP side needs besides. */
export interface Stage {
  readonly scene: Scene
  readonly faults: Faults
  readonly requests: LoggedRequest[]
  /** `null`: nothing is compared with what GitHub publishes. */
  checks(): PublishedChecks | null
  /** Milliseconds before each answer. */
  latency(): number
  /** The body that is sent in the place of this one. */
  tamper(operation: string, body: Json): Json
}

/** A request to one of the two APIs, its body read. */
export interface HttpRequest {
  readonly method: string
  readonly address: URL
  readonly text: string
  readonly authorization: string | undefined
  readonly ifNoneMatch: string | undefined
  readonly accept: string | undefined
}
