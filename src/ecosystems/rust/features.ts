import { posix } from 'node:path'
import type { TreeReader } from '../../model/index.ts'
import type { CargoCall } from './ci-tests.ts'
import { isTable, type Manifest, tableAt, textAt, textsAt } from './manifest.ts'
import type { Workspace } from './workspaces.ts'

/** Features that a change's code is compiled under. */
export interface AskedFeatures {
  /** Those that its files speak of (`cfg(feature = "…")`) or that their test targets require. */
  readonly all: ReadonlySet<string>
  /** Those without which cargo leaves a changed test target out, and the target. */
  readonly required: readonly { readonly target: string; readonly features: readonly string[] }[]
}

export async function askedFeatures(
  tree: TreeReader,
  { members }: Workspace,
  changed: readonly string[],
): Promise<AskedFeatures> {
  const declared = new Set(members.flatMap((member) => [...declaredBy(member)]))
  const spoken = new Set<string>()
  for (const path of changed) {
    const text = path.endsWith('.rs') ? ((await tree.read(path)) ?? '') : ''
    for (const [, name = ''] of text.matchAll(/\bfeature\s*=\s*"([^"\n]+)"/g)) if (declared.has(name)) spoken.add(name)
  }
  const required = members.flatMap((member) =>
    testTargets(member).filter(({ target, features }) => features.length > 0 && changed.includes(target)),
  )
  return { all: new Set([...spoken, ...required.flatMap(({ features }) => features)]), required }
}

/** The calls, those first that compile the most of what is asked for; as they stood where they are alike. */
export function byFeatures(
  calls: readonly CargoCall[],
  asked: AskedFeatures,
  workspace: Workspace,
): readonly CargoCall[] {
  const count = (call: CargoCall) => countOf(asked.all, enabledBy(call.arguments, workspace))
  return calls.toSorted((a, b) => count(b) - count(a))
}

/** Flags for what a call would leave out of the changed test targets, and which they are. Null: it leaves none out. */
export function missingFeatures(
  flags: readonly string[],
  { required }: AskedFeatures,
  workspace: Workspace,
): { readonly flags: readonly string[]; readonly targets: readonly string[] } | null {
  const enabled = enabledBy(flags, workspace)
  const left = required.filter(({ features }) => countOf(new Set(features), enabled) < new Set(features).size)
  if (left.length === 0) return null
  const names = [...new Set(left.flatMap(({ features }) => features))].sort()
  return { flags: ['--features', names.join(',')], targets: left.map(({ target }) => target) }
}

function countOf(asked: ReadonlySet<string>, enabled: ReadonlySet<string> | 'all'): number {
  return enabled === 'all' ? asked.size : [...asked].filter((name) => enabled.has(name)).length
}

/** What a call's flags turn on, with what that turns on in turn. */
function enabledBy(flags: readonly string[], { members }: Workspace): ReadonlySet<string> | 'all' {
  if (flags.includes('--all-features')) return 'all'
  const enabled = new Set<string>()
  const turnOn = (name: string) => {
    if (enabled.has(name)) return
    enabled.add(name)
    for (const { table } of members) for (const other of textsAt(tableAt(table, 'features'), name)) turnOn(other)
  }
  if (!flags.includes('--no-default-features')) turnOn('default')
  for (const [at, flag] of flags.entries()) {
    const [, inline] = /^(?:--features|-F)=(.+)$/.exec(flag) ?? []
    const given = inline ?? (flag === '--features' || flag === '-F' ? flags[at + 1] : undefined)
    for (const name of (given ?? '').split(/[\s,]+/)) turnOn(name.replace(/^.*\//, ''))
  }
  return enabled
}

/** Features by their own names, and optional dependencies, which are features too. */
function declaredBy({ table }: Manifest): ReadonlySet<string> {
  const optional = Object.entries(tableAt(table, 'dependencies')).filter(
    ([, each]) => isTable(each) && each.optional === true,
  )
  return new Set([...Object.keys(tableAt(table, 'features')), ...optional.map(([name]) => name)])
}

function testTargets({ table, directory }: Manifest): AskedFeatures['required'] {
  const targets = Array.isArray(table.test) ? table.test.filter(isTable) : []
  return targets.map((target) => ({
    target: posix.join(directory, textAt(target, 'path') ?? `tests/${textAt(target, 'name') ?? ''}.rs`),
    features: textsAt(target, 'required-features'),
  }))
}
