import type { Ecosystem } from '../types.ts'
import { explainInstall } from './explain.ts'
import { gradleRoot } from './gradle-build.ts'
import { derivedPaths, keyContent, keyPaths } from './key-files.ts'
import { propose } from './propose.ts'
import { rootOf } from './reactor.ts'
import { openToolchains } from './toolchain.ts'

/** Java and Kotlin, built by Maven, and what only Gradle knows by a Gradle of the machine. */
export const java: Ecosystem = {
  name: 'java',
  languages: ['java', 'kotlin', 'groovy', 'scala'],
  tools: ['java', 'maven', 'gradle'],
  openToolchains,
  detect: (tree) => rootOf(tree) !== null || gradleRoot(tree) !== null,
  propose,
  keyPaths,
  keyContent,
  needs: async () => [],
  layerPaths: ['.quarry/m2/**', '.quarry/gradle/caches/modules-2/**'],
  derivedPaths,
  explain: explainInstall,
}
