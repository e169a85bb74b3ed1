import { go } from './go/index.ts'
import { java } from './java/index.ts'
import { javascript } from './javascript/index.ts'
import { kotlin } from './kotlin/index.ts'
import { python } from './python/index.ts'
import { ruby } from './ruby/index.ts'
import { rust } from './rust/index.ts'
import { tsx } from './tsx/index.ts'
import type { Language } from './types.ts'
import { typescript } from './typescript/index.ts'

export { isCode, isTestName, kindByPath, languageOf } from './path-kinds.ts'
export { type StatedKinds, statedKinds } from './stated-paths.ts'
export type { Holder, Language, Span } from './types.ts'

/** Every language whose files Quarry can look into: one line each. */
export const languages: readonly Language[] = [javascript, typescript, tsx, rust, python, go, java, kotlin, ruby]

const byExtension = new Map(
  languages.flatMap((language) => language.extensions.map((extension) => [extension, language] as const)),
)

/** The plug-in that can look into a file, by its extension; null where there is none. */
export function syntaxOf(path: string): Language | null {
  const dot = path.lastIndexOf('.')
  return dot === -1 ? null : (byExtension.get(path.slice(dot).toLowerCase()) ?? null)
}

/** True where tests can be told from code inside the file. */
export function isSupported(path: string): boolean {
  return syntaxOf(path) !== null
}
