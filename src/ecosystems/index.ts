import { node } from './node/index.ts'
import type { Ecosystem } from './types.ts'

export { involvedEcosystems } from './involved.ts'
export { openToolchains } from './toolchains.ts'
export type { Ecosystem, Proposal, ProposeContext, Toolchains, ToolVersions } from './types.ts'

/** Every ecosystem that Quarry can make environments for: one line each, tried in order. */
export const ecosystems: readonly Ecosystem[] = [node]
