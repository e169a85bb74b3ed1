import type { Toolchains } from '../ecosystems/types.ts'
import type { LayerStore } from '../environment/layer-store.ts'
import type { UsableEnvironment } from '../environment/provide.ts'
import { Fault } from '../errors.ts'
import type { Mirror } from '../git/index.ts'
import { isRefused, type Strategy } from '../model/index.ts'
import { ENVIRONMENT } from '../sandboxes/index.ts'
import type { SandboxMount } from '../sandboxes/types.ts'
import type { CoreBudget } from '../test-runs/cores.ts'
import type { HeldEnvironment } from '../test-runs/held-environment.ts'
import type { TestRunner } from '../test-runs/run-steps.ts'
import { runTests } from '../test-runs/run-tests.ts'
import type { RunLimits, StateChanges } from '../test-runs/types.ts'
import type { Prebuilt } from './prebuilt.ts'
import { makeRepeatedStates } from './repeated-states.ts'
import type { Held } from './shelves.ts'
import type { WorkTrees } from './work-trees.ts'

export interface EnvironmentHolders {
  readonly runner: TestRunner
  readonly layers: LayerStore
  readonly trees: WorkTrees
  readonly prebuilt: Prebuilt
  readonly toolchains: Toolchains
  readonly cores: CoreBudget
  readonly coresPerRun: number
}

/** What is kept on this machine for runs: a snapshot laid out, on an unpacked layer, with its tools. */
export interface PlaceRequest {
  readonly mirror: Mirror
  readonly baseTree: string
  readonly tag: string | null
  readonly strategy: Strategy
  readonly environment: UsableEnvironment
}

/** How the runs in it go. */
export interface RunTerms {
  /** May hold objects that only these runs need. */
  readonly mirror: Mirror
  readonly limits: RunLimits
  readonly coresPerRun: number
  /** Grades go before mining. */
  readonly priority: number
  /** Each state is run once or twice, and not kept for many runs. */
  readonly once?: boolean
  /** What the builds write over is told of each run. */
  readonly watchBuilds?: boolean
  /** What was built of a state is used again for the same state. */
  readonly keepBuilds?: boolean
  readonly signal?: AbortSignal
}

export type HoldRequest = PlaceRequest & Omit<RunTerms, 'coresPerRun'>

/** It stays until it is released. */
export interface HeldPlace {
  environment(terms: RunTerms): HeldEnvironment
  release(): Promise<void>
}

/** Host folders of a strategy's tools, mounted read-only at /env/<tool>. Throws Fault where the registry has one no more. */
export async function toolchainMounts(
  toolchains: Toolchains,
  strategy: Pick<Strategy, 'toolchain'>,
): Promise<SandboxMount[]> {
  const mounts: SandboxMount[] = []
  for (const [tool, version] of Object.entries(strategy.toolchain)) {
    const provided = await toolchains.provide(tool, version)
    if (isRefused(provided))
      throw new Fault('toolchain', `${tool} ${version} can't be brought from the registry any more`)
    mounts.push({ source: provided.folder, target: `${ENVIRONMENT}/${tool}`, writable: false })
  }
  return mounts
}

/** Unpacks the layer, lays the snapshot out, mounts the tools, and keeps all of it while `work` goes on. */
export async function withEnvironment<T>(
  holders: EnvironmentHolders,
  request: HoldRequest,
  work: (held: HeldEnvironment) => Promise<T>,
): Promise<T> {
  const place = await holdPlace(holders, request)
  try {
    return await work(place.environment({ ...request, coresPerRun: holders.coresPerRun }))
  } finally {
    await place.release()
  }
}

/** The same until it is released. */
export async function holdPlace(holders: EnvironmentHolders, request: PlaceRequest): Promise<HeldPlace> {
  const { environment, strategy, mirror, baseTree } = request
  if (environment.layer === null) throw new Fault('layer', 'an environment that was not built has no layer to run on')
  const mounts = await toolchainMounts(holders.toolchains, strategy)
  const layer = await holders.layers.hold(environment.layer, environment.blob)
  const held: Held[] = [layer]
  const releaseAll = async () => {
    for (const each of held.splice(0).reverse()) await each.release()
  }
  const keep = async <T extends Held | null>(holding: Promise<T>): Promise<T> => {
    const one = await holding.catch(async (error: unknown) => {
      await releaseAll()
      throw error
    })
    if (one !== null) held.push(one)
    return one
  }
  const snapshot = await keep(holders.trees.snapshot(mirror, baseTree, request.tag))
  const ahead = await keep(
    holders.prebuilt.hold({
      ...{ mirror, baseTree, tag: request.tag, strategy, mounts, snapshot: snapshot.folder },
      layer: { folder: layer.folder, digest: environment.layer },
    }),
  )
  const layers = [...(ahead === null ? [] : [ahead.folder]), layer.folder]
  const builds = holders.trees.builds()
  const states = makeRepeatedStates(holders.runner, holders.trees.folder())
  const folders = { snapshot: snapshot.folder, layers }
  return {
    environment: (terms) => ({
      strategy,
      folders,
      run: async (tree, selection, { anew = false, repeated = false, seconds } = {}) => {
        const common = {
          base: snapshot.folder,
          environment: { strategy, layers, mounts },
          limits: { ...terms.limits, seconds: Math.min(terms.limits.seconds, seconds ?? terms.limits.seconds) },
          onCores: <T>(work: (cores: readonly number[]) => Promise<T>) =>
            holders.cores.use(terms.coresPerRun, terms.priority, work),
          ...(terms.signal === undefined ? {} : { signal: terms.signal }),
        }
        const withChanges = async <T>(work: (changes: StateChanges | null) => Promise<T>) => {
          const changes = await holders.trees.changes(terms.mirror, baseTree, tree, terms.once === true)
          try {
            return await work(changes)
          } finally {
            await changes?.release()
          }
        }
        const built = repeated ? await states.hold(tree, common, withChanges) : null
        const kept =
          terms.keepBuilds === true && !anew && strategy.build.length > 0 ? { builds: { tree, kept: builds } } : {}
        const watchBuilds = terms.watchBuilds === true
        const test = (changes: StateChanges | null) =>
          runTests(holders.runner, { ...common, ...kept, built, changes, selection, watchBuilds })
        return built === null ? withChanges(test) : test(null)
      },
    }),
    async release() {
      await builds.close()
      await states.close()
      await releaseAll()
    },
  }
}
