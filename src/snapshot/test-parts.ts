import { syntaxOf } from '../languages/index.ts'
import type { PathKind } from '../model/index.ts'
import { isCargoManifest, isToml, withCargoKeys } from './cargo-keys.ts'
import { graftTests } from './graft.ts'
import { isPom, isPomText, withPomKeys } from './pom-keys.ts'
import { hasRunnerKeys, isManifest, withRunnerKeys } from './runner-keys.ts'

/** Whole files of these kinds are the test patch's; the rest goes with the fix. */
export function isTestKind(kind: PathKind): boolean {
  return kind === 'test' || kind === 'test-support'
}

/** True where tests own only parts of a file: test items in mixed code, the runner's keys in a manifest. */
export function hasTestParts(kind: PathKind, path: string): boolean {
  return kind === 'mixed' || (kind === 'manifest' && isRunnersManifest(path))
}

/** True where a file of code may not bring tests of its own, though it had none before: its language would take them for others. */
export function mayClaimTests(kind: PathKind, path: string): boolean {
  return (kind === 'source' || kind === 'mixed') && syntaxOf(path)?.namesTestsByModule === true
}

/** The `file` with its test parts as the last of `states` has them; `file` itself where it has none. */
export function withTestParts(path: string, file: string, ...states: readonly string[]): string {
  if (hasRunnerKeys(path)) return withRunnerKeys(file, ...states)
  if (isCargoManifest(path)) return withCargoKeys(file, ...states)
  if (isPom(path)) return withPomKeys(file, ...states)
  const language = syntaxOf(path)
  return language === null ? file : graftTests(language, file, states.at(-1) ?? file)
}

/** A manifest with keys that configure a test runner. */
export function isRunnersManifest(path: string): boolean {
  return hasRunnerKeys(path) || isCargoManifest(path) || isPom(path)
}

/** True for the text of a manifest that its tools can read; one that they can't may be read otherwise by a laxer one. */
export function isReadableManifest(path: string, text: string | null): boolean {
  if (isPom(path)) return isPomText(text)
  return isCargoManifest(path) ? isToml(text) : isManifest(text)
}

/** A manifest that says nothing of tests. */
export function emptyManifest(path: string): string {
  if (isPom(path)) return '<project></project>'
  return isCargoManifest(path) ? '' : '{}'
}
