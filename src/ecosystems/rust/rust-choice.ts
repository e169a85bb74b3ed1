import { posix } from 'node:path'
import type { CiJob } from '../../ci/types.ts'
import type { TreeReader } from '../../model/index.ts'
import type { ToolVersions } from '../types.ts'
import { parseToml, tableAt, textAt } from './manifest.ts'
import type { Workspace } from './workspaces.ts'

/** A toolchain to try, and where it came from. */
export interface RustChoice {
  readonly version: string
  readonly evidence: string
}

export interface RustWish {
  /** `stable`, `1.60.0`, `nightly-2023-04-01`. */
  readonly channel: string
  readonly from: string
}

/**
 * The toolchains that the repository means, the most faithful first: what rust-toolchain pins, what its CI installs, the stable one of the day. On a
 * machine that has only newer ones the nearest of them stands in.
 */
export async function chooseRust(
  wishes: readonly RustWish[],
  mergedAt: Date,
  tools: ToolVersions,
): Promise<readonly RustChoice[]> {
  const choices: RustChoice[] = []
  for (const { channel, from } of wishes) {
    const version = await tools.resolveVersion('rust', channel, mergedAt)
    if (version === null || choices.some((choice) => choice.version === version)) continue
    choices.push({ version, evidence: evidenceOf(version, channel, from) })
  }
  return choices
}

function evidenceOf(version: string, channel: string, from: string): string {
  const isMeant = !/^\d/.test(channel) || `${version}.`.startsWith(`${channel}.`)
  return isMeant ? `rust ${version} ← ${from} (${channel})` : `rust ${version} stands in for ${channel} ← ${from}`
}

export async function rustWishes(
  tree: TreeReader,
  workspace: Workspace,
  jobs: readonly CiJob[],
): Promise<readonly RustWish[]> {
  const pinned = await pinnedChannel(tree, workspace.directory)
  const wishes = [...(pinned === null ? [] : [pinned]), ...jobs.flatMap(installedBy)]
  // A pinned nightly is there for its features; where it is only asked for by CI, stable may do as well.
  return [...wishes, { channel: 'stable', from: 'the day of the merge' }]
}

async function pinnedChannel(tree: TreeReader, directory: string): Promise<RustWish | null> {
  for (const folder of new Set([directory, '.'])) {
    for (const name of ['rust-toolchain.toml', 'rust-toolchain']) {
      const path = posix.join(folder, name)
      const text = await tree.read(path)
      if (text === null) continue
      const channel = textAt(tableAt(parseToml(text) ?? {}, 'toolchain'), 'channel') ?? plainChannel(text)
      if (channel !== null) return { channel, from: path }
    }
  }
  return null
}

/** The older form of the file: the channel alone, on a line of its own. */
function plainChannel(text: string): string | null {
  return /^\s*(?<channel>[\w.-]+)\s*$/.exec(text)?.groups?.channel ?? null
}

/** What the jobs that run the tests install: a stable line only, since nightlies and betas are tried there for warnings of what is to come. */
function installedBy({ from, setups }: CiJob): readonly RustWish[] {
  return setups
    .filter(({ action }) => /rust-toolchain|setup-rust/.test(action))
    .flatMap(({ inputs }) => inputs.toolchain ?? [])
    .filter((channel) => channel === 'stable')
    .slice(0, 1)
    .map((channel) => ({ channel, from }))
}
