import { posix } from 'node:path'
import type { TreeReader } from '../../model/index.ts'
import { gradleScripts } from './gradle-build.ts'
import { groupOf, type Reactor, readReactor, versionOf } from './reactor.ts'

/** What an install reads: the models, and the settings of Maven beside them; of Gradle, whatever its builds are made of. */
export async function keyPaths(tree: TreeReader): Promise<readonly string[]> {
  const reactor = await readReactor(tree)
  if (reactor === null) return gradleKeyPaths(tree)
  const folders = new Set(reactor.modules.map(({ directory }) => directory))
  return tree.paths.filter(
    (path) =>
      (posix.basename(path) === 'pom.xml' && !/(?:^|\/)src\//.test(path)) ||
      isSetting(path, reactor.root) ||
      (path.endsWith('.xml') && folders.has(path)),
  )
}

function isSetting(path: string, root: string): boolean {
  const below = root === '.' ? path : path.startsWith(`${root}/`) ? path.slice(root.length + 1) : ''
  return /^\.mvn\/(?:extensions\.xml|maven\.config|jvm\.config)$/.test(below)
}

const gradleParts = /(?:^|\/)(?:buildSrc|build-logic|gradle)\/|(?:^|\/)[\w.-]+\.lockfile$/

function gradleKeyPaths(tree: TreeReader): readonly string[] {
  const scripts = new Set(gradleScripts(tree))
  return tree.paths.filter((path) => scripts.has(path) || (gradleParts.test(path) && !path.endsWith('.jar')))
}

/** Parts of a model that say nothing to an install. */
const idle =
  /<(?:description|url|inceptionYear|organization|licenses|developers|contributors|mailingLists|scm|issueManagement|ciManagement|distributionManagement)>[\s\S]*?<\/(?:description|url|inceptionYear|organization|licenses|developers|contributors|mailingLists|scm|issueManagement|ciManagement|distributionManagement)>/g

/** A model without its comments and what only people read; properties without the version of the project itself. */
export function keyContent(path: string, text: string): string {
  if (posix.basename(path) === 'gradle.properties') return text.replace(/^\s*(?:version|VERSION_NAME)\s*=.*$/gim, '')
  if (!path.endsWith('.xml')) return text
  return text
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(idle, '')
    .replace(/\s+/g, ' ')
}

/** Of the local repository: what was made of this tree, and notes of who asked whom for what. */
export async function derivedPaths(tree: TreeReader): Promise<readonly string[]> {
  const reactor = await readReactor(tree)
  return [
    '.quarry/m2/**/_remote.repositories',
    '.quarry/m2/**/*.lastUpdated',
    '.quarry/m2/**/resolver-status.properties',
    '.quarry/m2/.cache/**',
    '.quarry/m2/.locks/**',
    '.quarry/gradle/caches/modules-2/*.lock',
    '.quarry/gradle/caches/modules-2/gc.properties',
    ...(reactor === null ? [] : ownArtifacts(reactor)),
  ]
}

function ownArtifacts(reactor: Reactor): readonly string[] {
  return reactor.modules.flatMap((module) => {
    const folder = `.quarry/m2/${(groupOf(module) ?? '').replaceAll('.', '/')}/${module.pom.artifact}`
    const version = versionOf(module)
    // Another version of it came from a registry, as a parent or a tool.
    const own = version === null || version.includes('${') ? folder : `${folder}/${version}`
    return [own, `${own}/**`]
  })
}
