import semver from 'semver'
import { safeYaml } from '../../ci/values.ts'
import type { TreeReader } from '../../model/index.ts'
import type { ToolVersions } from '../types.ts'
import { type Lockfile, managerOf } from './lockfiles/index.ts'
import { isRecord, type Manifest } from './manifest.ts'
import { npmRangeFor } from './toolchain-versions.ts'
import type { NodeCiJob } from './workflows.ts'

export type ManagerName = 'npm' | 'pnpm' | 'yarn'

/** The package manager that a repository means, before its version is settled. */
export interface ManagerWish {
  readonly name: ManagerName
  /** The lockfile that this manager reads; null: none. */
  readonly lockfile: Lockfile | null
  /** Ranges from the most telling to the least. */
  readonly ranges: readonly { readonly range: string; readonly from: string }[]
  readonly evidence: string
}

/** Reads `packageManager`, the lockfiles, rc files and what the workflows install with. */
export async function wishedManager(
  tree: TreeReader,
  root: Manifest,
  lockfiles: readonly Lockfile[],
  jobs: readonly NodeCiJob[],
): Promise<ManagerWish> {
  const field = /^(npm|pnpm|yarn)@(\d[^+]*)/.exec(root.packageManager ?? '')
  const inCi = installerInCi(jobs)
  const [name, why] = namedBy(tree, root, field?.[1], lockfiles, inCi)
  const lockfile = lockfiles.find((each) => managerOf(each.kind) === name) ?? null
  const ranges: { range: string; from: string }[] = []
  const add = (range: string | null | undefined, from: string): void => {
    if (range !== null && range !== undefined && semver.validRange(range) !== null) ranges.push({ range, from })
  }
  if (field?.[1] === name) add(field[2], 'package.json packageManager')
  if (name === 'yarn') add(await yarnRelease(tree), '.yarnrc.yml yarnPath')
  add(root.volta[name], `package.json volta.${name}`)
  if (name === 'pnpm') add(jobs.find((job) => job.pnpm !== null)?.pnpm, 'the workflow pnpm/action-setup')
  if (lockfile !== null) add(rangeOfFormat(lockfile), `${lockfile.path} version ${lockfile.format}`)
  if (name !== 'npm') add(root.engines[name], `package.json engines.${name}`)
  if (name === 'yarn' && lockfile === null)
    add(tree.has('.yarnrc.yml') ? '>=2' : '^1', tree.has('.yarnrc.yml') ? '.yarnrc.yml' : 'yarn without .yarnrc.yml')
  if (name === 'pnpm') add('*', 'the newest of the day')
  return { name, lockfile, ranges, evidence: `${name} ← ${why}` }
}

function namedBy(
  tree: TreeReader,
  root: Manifest,
  field: string | undefined,
  lockfiles: readonly Lockfile[],
  inCi: ManagerName | null,
): readonly [ManagerName, string] {
  const declared = toManager(field)
  if (declared !== null) return [declared, 'package.json packageManager']
  const first = lockfiles[0]
  const same = lockfiles.find((each) => managerOf(each.kind) === inCi)
  if (lockfiles.length > 1 && same !== undefined)
    return [managerOf(same.kind), `${same.path}, and the workflow installs with it`]
  if (first !== undefined) return [managerOf(first.kind), first.path]
  if (tree.has('pnpm-workspace.yaml')) return ['pnpm', 'pnpm-workspace.yaml']
  if (tree.has('.yarnrc.yml')) return ['yarn', '.yarnrc.yml']
  if (inCi !== null) return [inCi, 'the workflow installs with it']
  const engine = (['pnpm', 'yarn'] as const).find((name) => root.engines[name] !== undefined)
  return engine === undefined ? ['npm', 'the default'] : [engine, `package.json engines.${engine}`]
}

function toManager(name: string | undefined): ManagerName | null {
  return name === 'npm' || name === 'pnpm' || name === 'yarn' ? name : null
}

/** The package manager that the workflows' install steps start, where they agree on one. */
function installerInCi(jobs: readonly NodeCiJob[]): ManagerName | null {
  const found = jobs.flatMap((job) =>
    job.runs.flatMap(
      (run) => toManager(/(?:^|[\s;&])(npm|pnpm|yarn)(?:\s+(?:ci|install|i)\b|\s*$|\s+--)/m.exec(run.text)?.[1]) ?? [],
    ),
  )
  const [first] = found
  return first !== undefined && found.every((name) => name === first) ? first : null
}

/** True where a workflow installs with npm's `--legacy-peer-deps` or `--force`: then an install without it fails. */
export function legacyPeersInCi(jobs: readonly NodeCiJob[]): boolean {
  return jobs.some((job) =>
    job.runs.some((run) => /npm\s+(?:ci|i|install)\b[^\n]*--(?:legacy-peer-deps|force)\b/.test(run.text)),
  )
}

async function yarnRelease(tree: TreeReader): Promise<string | null> {
  const settings = safeYaml((await tree.read('.yarnrc.yml')) ?? '')
  const path = isRecord(settings) ? settings.yarnPath : undefined
  return typeof path === 'string' ? (/yarn-(\d[\w.-]*)\.[cm]?js$/.exec(path)?.[1] ?? null) : null
}

/** Which major wrote a lockfile's format. Sources: pnpm's release notes (lockfile versions), yarn berry's `LOCKFILE_VERSION`. */
function rangeOfFormat(lockfile: Lockfile): string | null {
  const format = Number.parseFloat(lockfile.format ?? '')
  if (lockfile.kind === 'yarn-classic') return '^1.22'
  if (lockfile.kind === 'yarn-berry') return format >= 8 ? '^4' : format >= 5 ? '^3' : '^2'
  if (lockfile.kind !== 'pnpm') return null
  if (format >= 9) return '>=9'
  if (format >= 6) return '^8'
  return format >= 5.4 ? '^7' : format >= 5.3 ? '^6' : '^5'
}

/** Exact versions of Node's package managers for a strategy: the wished one, and the npm that came with this Node. */
export interface ChosenManager {
  readonly name: ManagerName
  readonly version: string
  readonly npm: string | null
  readonly evidence: readonly string[]
}

/** Settles the versions for one Node; null where no range gives a version that existed. */
export async function settleManager(
  wish: ManagerWish,
  node: string,
  mergedAt: Date,
  tools: ToolVersions,
): Promise<ChosenManager | null> {
  const npmRange = npmRangeFor(node)
  const npm =
    (await tools.resolveVersion('npm', npmRange, mergedAt)) ?? (await tools.resolveVersion('npm', npmRange, new Date()))
  if (wish.name === 'npm') {
    return npm === null
      ? null
      : { name: 'npm', version: npm, npm, evidence: [wish.evidence, `npm ${npm} ← what came with node ${node}`] }
  }
  for (const { range, from } of wish.ranges) {
    const version =
      (await tools.resolveVersion(wish.name, range, mergedAt)) ??
      (await tools.resolveVersion(wish.name, range, new Date()))
    if (version !== null)
      return { name: wish.name, version, npm, evidence: [wish.evidence, `${wish.name} ${version} ← ${from}`] }
  }
  return null
}
