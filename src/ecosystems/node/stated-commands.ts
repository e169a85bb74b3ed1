import type { Command } from '../../model/index.ts'
import type { ProposeContext } from '../types.ts'
import type { BuildWork } from './build-work.ts'
import { binPath } from './builds.ts'
import type { Install } from './installs.ts'
import { installTimeScripts } from './package-managers.ts'
import { statedDirectories, statedFrom } from './stated.ts'
import type { Package } from './workspaces.ts'

/** The owners' install commands, exactly these, with the settings that lead the ordinary install of this repository to the gateway. */
export function statedInstall(
  context: ProposeContext,
  packages: readonly Package[],
  ordinary: Install,
  path: string,
): readonly Command[] {
  const texts = context.stated?.install ?? []
  const settings = ordinary.install[0]?.variables ?? {}
  // A layer is shared by its key. What reads more than manifests and lockfiles is keyed by the whole tree.
  const state = readsOnlyManifests(texts, packages) ? {} : { QUARRY_TREE: context.tree.tree }
  return commands(context, texts, path).map((command) => ({
    ...command,
    variables: { ...settings, ...command.variables, ...state },
  }))
}

/** The owners' builds, exactly these; null: they say nothing of builds. */
export function statedBuild(context: ProposeContext, path: string): BuildWork | null {
  const texts = context.stated?.build
  if (texts === undefined) return null
  const shown = texts.length === 0 ? 'none' : texts.join('; ')
  return { commands: commands(context, texts, path), evidence: `build ← ${statedFrom}: ${shown}` }
}

/** True where nothing is resolved anew: every command keeps to the lockfile. */
export function keepsToLockfile({ stated }: Pick<ProposeContext, 'stated'>): boolean {
  return (stated?.install ?? []).every((text) => /\bnpm ci\b|--frozen-lockfile\b|--immutable\b/.test(text))
}

/** They are shell texts, as in a workflow's `run`, in each of the folders in turn. */
function commands(context: ProposeContext, texts: readonly string[], path: string): readonly Command[] {
  return statedDirectories(context).flatMap((directory) =>
    texts.map((text) => ({ argv: ['sh', '-c', text], directory, variables: { PATH: binPath(directory, path) } })),
  )
}

function readsOnlyManifests(texts: readonly string[], packages: readonly Package[]): boolean {
  const plain = /^(?:npm (?:ci|i|install)|pnpm (?:i|install)|yarn(?: install)?)(?: --?[\w-]+(?:=[\w-]+)?)*$/
  const hasScripts = packages.some(({ manifest }) =>
    Object.keys(manifest.scripts).some((name) => installTimeScripts.has(name)),
  )
  return texts.every((text) => plain.test(text.trim()) && (!hasScripts || text.includes('--ignore-scripts')))
}
