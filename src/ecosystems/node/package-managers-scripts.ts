import { applyEdits, modify, parse } from 'jsonc-parser'

/** The scripts that some package manager runs by itself when it installs. Source: npm's documentation of scripts, pnpm's `pnpm:devPreinstall`. */
export const installTimeScripts: ReadonlySet<string> = new Set([
  'preinstall',
  'install',
  'postinstall',
  'prepublish',
  'preprepare',
  'prepare',
  'postprepare',
  'dependencies',
  'predependencies',
  'postdependencies',
  'pnpm:devPreinstall',
])

/**
 * A manifest without the scripts that an install would start of itself, so that dependencies' own scripts can run while the
 * repository's (builds, git hooks) do not: no package manager can tell the two apart. Formatting is kept; the same text comes
 * back where there is none of them, or the text is no manifest.
 */
export function withoutLifecycleScripts(manifest: string): string {
  const parsed: unknown = parse(manifest)
  const scripts = typeof parsed === 'object' && parsed !== null && 'scripts' in parsed ? parsed.scripts : null
  if (typeof scripts !== 'object' || scripts === null) return manifest
  const present = [...installTimeScripts].filter((name) => name in scripts)
  return present.reduce((text, name) => applyEdits(text, modify(text, ['scripts', name], undefined, {})), manifest)
}
