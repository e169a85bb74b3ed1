import { mkdir, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { removeDeep } from '../sandboxes/removal.ts'
import type { TestRunner } from '../test-runs/run-steps.ts'
import { buildState, compileAhead, type StateBuildRequest } from '../test-runs/state-build.ts'
import type { StateChanges } from '../test-runs/types.ts'

/**
 * States that are run many times over, each built once in one place. A tree's id stands for every byte that its build could read of the repository,
 * so nothing that one state's build wrote is seen in a run of another; that builds of the same tree agree is seen by the runs before, which
 * each build for themselves.
 */
export interface RepeatedStates {
  /** The folder to lay on top of the snapshot; null where nothing is to be built, or it can't be shared. */
  hold(
    tree: string,
    request: Omit<StateBuildRequest, 'changes'>,
    withChanges: <T>(work: (changes: StateChanges | null) => Promise<T>) => Promise<T>,
  ): Promise<string | null>
  close(): Promise<void>
}

/** `root` is a folder of this process that no sandbox sees. */
export function makeRepeatedStates(runner: TestRunner, root: string): RepeatedStates {
  const states = new Map<string, Promise<string | null>>()

  const build = async (
    request: Omit<StateBuildRequest, 'changes'>,
    withChanges: Parameters<RepeatedStates['hold']>[2],
  ): Promise<string | null> => {
    const { strategy } = request.environment
    if (strategy.build.length + compileAhead(strategy).length === 0) return null
    await mkdir(root, { recursive: true })
    const folder = join(await mkdtemp(join(root, 'state-')), 'upper')
    return withChanges(async (changes) => ((await buildState(runner, { ...request, changes }, folder)) ? folder : null))
  }

  return {
    hold(tree, request, withChanges) {
      const state = states.get(tree) ?? build(request, withChanges)
      states.set(tree, state)
      return state
    },
    async close() {
      await Promise.allSettled(states.values())
      states.clear()
      await removeDeep(root)
    },
  }
}
