import type { Scene } from '../scene.ts'
import type { Caller, Repository } from '../types.ts'
import type { Node } from './connections.ts'

/** Who looks at what: every node is made for one caller. */
export interface View {
  readonly scene: Scene
  readonly caller: Caller
  /** Nearly every node leads back to its repository, which leads to all of them. */
  repository(repository: Repository): Node
}
