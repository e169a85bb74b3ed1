import type { KindedChange, Strategy, TestPaths } from '../../model/index.ts'

/** Files of Quarry's own in a task's container, by where they are. */
export const containerPaths = {
  /** Holds all of them; only root may write there. */
  quarry: '/quarry',
  node: '/quarry/bin/node',
  layer: '/quarry/layer.tar.zst',
  tests: '/tests/quarry',
  rewards: '/logs/verifier',
} as const

/** The unprivileged user that installs, agents and tests run as. */
export const containerUser = { name: 'quarry', id: 1000, home: '/home/quarry' } as const

/** What the image is made from: `environment/quarry/install.json`. */
export interface InstallSettings {
  readonly task: string
  readonly baseTree: string
  readonly tag: string | null
  readonly strategy: Omit<Strategy, 'tests' | 'overrides'>
  /** Files that the install sees instead of the snapshot's own; null takes one away. */
  readonly files: readonly { readonly path: string; readonly content: string | null }[]
  /** What the manifests ask the registry for. */
  readonly needs: readonly { readonly name: string; readonly range: string }[]
  /** For each ecosystem, globs of what an install may leave behind, and of what is made out of the repository's sources, and made again in every run. */
  readonly layers: readonly { readonly kept: readonly string[]; readonly derived: readonly string[] }[]
  /** Paths that the repository holds itself: never part of a layer. */
  readonly tracked: readonly string[]
}

/** What a work tree is judged by: `tests/quarry/task.json`. */
export interface VerifierSettings {
  readonly task: string
  readonly tag: string | null
  readonly baseTree: string
  readonly beforeTree: string
  readonly afterTree: string
  readonly changes: readonly KindedChange[]
  readonly testPaths: TestPaths
  readonly strategy: Strategy
  readonly failToPass: readonly string[]
  readonly passToPass: readonly string[]
  /** Wall time of one run: builds and tests. */
  readonly seconds: number
}
