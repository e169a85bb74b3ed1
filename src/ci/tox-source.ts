import type { TaskEnvironment } from './types.ts'

/** One environment as it is when it is called in one way. */
export interface ToxRequest {
  readonly name: string
  /** What stands behind `--`. */
  readonly positional: readonly string[]
  readonly variables: Readonly<Record<string, string>>
}

/** What tox reads its environments from. */
export interface ToxSource {
  readonly path: string
  /** What `tox` alone runs. */
  readonly listed: readonly string[]
  /** Those with settings of their own. */
  readonly declared: readonly string[]
  readonly labels: ReadonlyMap<string, readonly string[]>
  environment(request: ToxRequest): TaskEnvironment
}
