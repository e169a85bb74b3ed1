import { Fault } from '../errors.ts'
import { go } from './go/index.ts'
import { java } from './java/index.ts'
import { node } from './node/index.ts'
import { python } from './python/index.ts'
import { ruby } from './ruby/index.ts'
import { rust } from './rust/index.ts'
import type { Ecosystem } from './types.ts'

export { involvedEcosystems, isOf } from './involved.ts'
export { proposalsOf } from './propose.ts'
export { openToolchains } from './toolchains.ts'
export type { Ecosystem, Proposal, ProposeContext, Toolchains, ToolVersions } from './types.ts'

/** Every ecosystem that Quarry can make environments for: one line each, tried in order. */
export const ecosystems: readonly Ecosystem[] = [node, rust, python, go, java, ruby]

/** The ecosystems of a stored strategy: `node`, or `node+python` where it has several. Throws Fault for one that this version of Quarry does not have. */
export function ecosystemsNamed(names: string): readonly Ecosystem[] {
  return names.split('+').map((name) => {
    const found = ecosystems.find((ecosystem) => ecosystem.name === name)
    if (found === undefined) throw new Fault('ecosystem', `this version of Quarry has no ecosystem ${name}`)
    return found
  })
}
