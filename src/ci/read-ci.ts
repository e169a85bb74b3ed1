import type { TreeReader } from '../model/index.ts'
import { readOtherServices } from './other-services.ts'
import { readTravis } from './travis.ts'
import type { CiJob } from './types.ts'
import { readWorkflows } from './workflows.ts'

/**
 * Every job of the repository's own continuous integration, as far as it tells how an environment is made. What is no YAML is passed over;
 * nothing is ever thrown for what stands in a file.
 */
export async function readCi(tree: TreeReader): Promise<readonly CiJob[]> {
  return [...(await readWorkflows(tree)), ...(await readTravis(tree)), ...(await readOtherServices(tree))]
}
