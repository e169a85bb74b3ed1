import { readCi } from '../../ci/read-ci.ts'
import type { CiJob, CiSetup } from '../../ci/types.ts'
import type { TreeReader } from '../../model/index.ts'

/** A job of the repository's own continuous integration with what it says of Node. */
export interface NodeCiJob extends CiJob {
  /** What it gives setup-node, the matrix multiplied out, in order: `20`, `lts/*`, `18.x`. */
  readonly nodes: readonly string[]
  /** setup-node's `node-version-file`. */
  readonly nodeFile: string | null
  /** The version given to pnpm/action-setup. */
  readonly pnpm: string | null
}

/** Every job, as Node sees it. */
export async function readNodeCi(tree: TreeReader): Promise<readonly NodeCiJob[]> {
  return (await readCi(tree)).map((job) => {
    const setups = job.setups.filter(({ action }) => /setup-node|setup-js|\/setup$/.test(action))
    return {
      ...job,
      nodes: setups.flatMap((setup) => setup.inputs['node-version'] ?? setup.inputs.node_version ?? []),
      nodeFile: firstInput(setups, 'node-version-file'),
      pnpm: firstInput(
        job.setups.filter(({ action }) => action === 'pnpm/action-setup'),
        'version',
      ),
    }
  })
}

function firstInput(setups: readonly CiSetup[], name: string): string | null {
  return setups.flatMap((setup) => setup.inputs[name] ?? [])[0] ?? null
}
