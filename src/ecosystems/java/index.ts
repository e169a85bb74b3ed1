import type { Ecosystem } from '../types.ts'
import { explainInstall } from './explain.ts'
import { isGradleBuild } from './gradle.ts'
import { derivedPaths, keyContent, keyPaths } from './key-files.ts'
import { propose } from './propose.ts'
import { rootOf } from './reactor.ts'
import { openToolchains } from './toolchain.ts'

/** Java and Kotlin, built by Maven; a build that only Gradle knows is refused with the Gradle that it asks for. */
export const java: Ecosystem = {
  name: 'java',
  languages: ['java', 'kotlin', 'groovy', 'scala'],
  tools: ['java', 'maven'],
  openToolchains,
  detect: (tree) => rootOf(tree) !== null || isGradleBuild(tree),
  propose,
  keyPaths,
  keyContent,
  needs: async () => [],
  layerPaths: ['.quarry/m2/**'],
  derivedPaths,
  explain: explainInstall,
}
