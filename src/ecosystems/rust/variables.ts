import { posix } from 'node:path'
import type { TreeReader } from '../../model/index.ts'
import type { CargoCall } from './ci-tests.ts'
import { isTable, parseToml, type Table, tableAt, textAt, textsAt } from './manifest.ts'
import type { Workspace } from './workspaces.ts'

/** Lints that fail a build: a newer compiler knows more of them. What only this machine lacks (a linker, a processor's instructions) goes too. */
const left =
  /^(?:-D|-F|--deny|--forbid)|^(?:-C\s*)?(?:link-arg|linker|target-cpu|debuginfo|instrument-coverage)|^-(?:D|F)?$/

/**
 * The compiler's flags: those of the repository's own configuration, or of the CI step in their place, less what makes warnings fail a build; and with
 * lints never above a warning.
 */
export async function rustFlags(tree: TreeReader, workspace: Workspace, call: CargoCall | null): Promise<string> {
  const configured = await configuredFlags(tree, workspace)
  const stated = call?.variables.RUSTFLAGS?.split(/\s+/) ?? configured
  return [...withoutLints(stated), '--cap-lints', 'warn'].join(' ')
}

async function configuredFlags(tree: TreeReader, { directory }: Workspace): Promise<readonly string[]> {
  for (const folder of new Set([directory, '.'])) {
    for (const name of ['.cargo/config.toml', '.cargo/config']) {
      const table = parseToml(await tree.read(posix.join(folder, name)))
      if (table !== null) return flagsOf(table)
    }
  }
  return []
}

function flagsOf(table: Table): readonly string[] {
  const build = tableAt(table, 'build')
  const own = textAt(build, 'rustflags')?.split(/\s+/) ?? textsAt(build, 'rustflags')
  const ofTargets = Object.entries(tableAt(table, 'target')).flatMap(([name, target]) =>
    isTable(target) && (name.includes('linux') || name === 'cfg(all())')
      ? (textAt(target, 'rustflags')?.split(/\s+/) ?? textsAt(target, 'rustflags'))
      : [],
  )
  return own.length > 0 ? own : ofTargets
}

function withoutLints(flags: readonly string[]): readonly string[] {
  const kept: string[] = []
  for (let at = 0; at < flags.length; at += 1) {
    const flag = flags[at] ?? ''
    const next = flags[at + 1] ?? ''
    const isPair = /^(?:-D|-F|-W|-A|-C|--deny|--forbid|--warn|--allow|--cfg|--check-cfg|-Z)$/.test(flag)
    const words = isPair ? [flag, next] : [flag]
    if (isPair) at += 1
    const isLeft = isPair && flag === '-C' ? left.test(next) : left.test(flag.replace(/^-C/, ''))
    if (flag !== '' && !isLeft) kept.push(...words)
  }
  return kept
}
