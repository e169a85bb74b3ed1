import { syntaxOf } from '../languages/index.ts'
import type { PathKind } from '../model/index.ts'
import { isCargoManifest, isToml, withCargoKeys } from './cargo-keys.ts'
import { isGradleScript, withGradleScript } from './gradle-keys.ts'
import { graftTests } from './graft.ts'
import { isPom, isPomText, withPomKeys } from './pom-keys.ts'
import { isPythonManifest, isReadablePython, withPythonKeys } from './python-keys.ts'
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

/** One kind of manifest whose test runner's keys are told from the rest. */
interface ManifestKeys {
  readonly is: (path: string) => boolean
  /** True for text that its tools can read; what they can't may be read otherwise by a laxer one. */
  readonly isReadable: (path: string, text: string | null) => boolean
  /** A manifest that says nothing of tests. */
  readonly empty: string
  readonly withKeys: (path: string, manifest: string, ...states: readonly string[]) => string
}

/** One entry a kind of manifest. */
const manifests: readonly ManifestKeys[] = [
  {
    is: hasRunnerKeys,
    isReadable: (_path, text) => isManifest(text),
    empty: '{}',
    withKeys: (_path, manifest, ...states) => withRunnerKeys(manifest, ...states),
  },
  {
    is: isCargoManifest,
    isReadable: (_path, text) => isToml(text),
    empty: '',
    withKeys: (_path, manifest, ...states) => withCargoKeys(manifest, ...states),
  },
  {
    is: isPom,
    isReadable: (_path, text) => isPomText(text),
    empty: '<project></project>',
    withKeys: (_path, manifest, ...states) => withPomKeys(manifest, ...states),
  },
  {
    is: isGradleScript,
    isReadable: (_path, text) => text !== null,
    empty: '',
    withKeys: (_path, script, ...states) => withGradleScript(script, ...states),
  },
  { is: isPythonManifest, isReadable: isReadablePython, empty: '', withKeys: withPythonKeys },
]

/** The `file` with its test parts as the last of `states` has them; `file` itself where it has none. */
export function withTestParts(path: string, file: string, ...states: readonly string[]): string {
  const manifest = manifestKeys(path)
  if (manifest !== undefined) return manifest.withKeys(path, file, ...states)
  const language = syntaxOf(path)
  return language === null ? file : graftTests(language, file, states.at(-1) ?? file)
}

/** A manifest with keys that configure a test runner. */
export function isRunnersManifest(path: string): boolean {
  return manifestKeys(path) !== undefined
}

export function isReadableManifest(path: string, text: string | null): boolean {
  return manifestKeys(path)?.isReadable(path, text) ?? true
}

export function emptyManifest(path: string): string {
  return manifestKeys(path)?.empty ?? ''
}

function manifestKeys(path: string): ManifestKeys | undefined {
  return manifests.find(({ is }) => is(path))
}
