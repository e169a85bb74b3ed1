import { syntaxOf } from '../languages/index.ts'
import type { PathKind } from '../model/index.ts'
import { graftTests } from './graft.ts'
import { hasRunnerKeys, withRunnerKeys } from './runner-keys.ts'

/** Whole files of these kinds are the test patch's; the rest goes with the fix. */
export function isTestKind(kind: PathKind): boolean {
  return kind === 'test' || kind === 'test-support'
}

/** True where tests own only parts of a file: test items in mixed code, the runner's keys in a manifest. */
export function hasTestParts(kind: PathKind, path: string): boolean {
  return kind === 'mixed' || (kind === 'manifest' && hasRunnerKeys(path))
}

/** The `file` with its test parts as the last of `states` has them; `file` itself where it has none. */
export function withTestParts(path: string, file: string, ...states: readonly string[]): string {
  if (hasRunnerKeys(path)) return withRunnerKeys(file, ...states)
  const language = syntaxOf(path)
  return language === null ? file : graftTests(language, file, states.at(-1) ?? file)
}
