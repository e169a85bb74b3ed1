import { posix } from 'node:path'
import { kindByPath } from '../../languages/index.ts'
import type { TreeReader } from '../../model/index.ts'
import { lockfileNames } from './lockfiles/index.ts'
import { installed, isRecord, parseJson } from './manifest.ts'
import { installTimeScripts } from './package-managers.ts'
import { readPackages } from './workspaces.ts'

const keyNames = new Set<string>([
  ...lockfileNames,
  'package.json',
  '.npmrc',
  '.yarnrc',
  '.yarnrc.yml',
  'pnpm-workspace.yaml',
  '.pnpmfile.cjs',
  'pnpmfile.js',
  'lerna.json',
])

/** Files that an install reads. Manifests among the tests' files are none, unless a workspace or a `file:` dependency is there. */
export async function keyPaths(tree: TreeReader): Promise<readonly string[]> {
  const packages = await readPackages(tree)
  const linked = packages.flatMap(({ directory, manifest }) =>
    Object.values(installed(manifest)).flatMap((range) => linkedFolder(directory, range) ?? []),
  )
  const read = new Set([...packages.map(({ directory }) => directory), ...linked])
  const isTestsOwn = (path: string) =>
    kindByPath(`${posix.dirname(path)}/any.json`).startsWith('test') && !read.has(posix.dirname(path))
  return tree.paths.filter((path) => isPatch(path) || (isNamed(path) && !isTestsOwn(path)))
}

function isNamed(path: string): boolean {
  return keyNames.has(posix.basename(path)) && !path.includes('node_modules/')
}

function isPatch(path: string): boolean {
  return /^(?:\.yarn\/(?:patches|plugins)|patches)\//.test(path)
}

function linkedFolder(directory: string, range: string): string | null {
  const folder = /^(?:file|link|portal):(?<folder>[^#]+)/.exec(range)?.groups?.folder
  return folder === undefined ? null : posix.join(directory, folder).replace(/\/$/, '')
}

/** Fields of a manifest that say nothing to an install: what a package is, and the settings of tools. */
const idleFields = new Set(
  (
    'description keywords author contributors maintainers homepage bugs repository license licenses funding files ' +
    'main module browser types typings typesVersions exports imports sideEffects directories man ' +
    'jest ava mocha nyc c8 tap vitest xo tsd standard eslintConfig eslintIgnore prettier stylelint babel browserslist ' +
    'husky lint-staged commitlint release auto-changelog greenkeeper renovate np size-limit'
  ).split(' '),
)

/**
 * What a key file says to an install: a manifest without its idle fields and scripts, the root's and its lockfile's without
 * their own version. A workspace's version counts: its siblings' ranges are met by it, or by the registry.
 */
export function keyContent(path: string, text: string): string {
  const name = posix.basename(path)
  const parsed = parseJson(text)
  if (!isRecord(parsed)) return text
  if (name === 'package.json') return JSON.stringify(keyManifest(parsed, path === name))
  if (name === 'package-lock.json' || name === 'npm-shrinkwrap.json') return JSON.stringify(keyLockfile(parsed))
  return text
}

function keyManifest(manifest: Readonly<Record<string, unknown>>, isRoot: boolean): object {
  const kept = Object.entries(manifest).filter(
    ([field]) => !idleFields.has(field) && field !== 'scripts' && !(isRoot && field === 'version'),
  )
  const scripts = isRecord(manifest.scripts) ? manifest.scripts : {}
  const atInstall = Object.entries(scripts).filter(([script]) => installTimeScripts.has(script))
  return { ...Object.fromEntries(kept), scripts: Object.fromEntries(atInstall) }
}

function keyLockfile({ version: _, packages, ...lockfile }: Readonly<Record<string, unknown>>): object {
  if (!isRecord(packages) || !isRecord(packages[''])) return { ...lockfile, packages }
  const { version: __, ...root } = packages['']
  return { ...lockfile, packages: { ...packages, '': root } }
}
