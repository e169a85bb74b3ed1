import { javascript } from './javascript/index.ts'
import { tsx } from './tsx/index.ts'
import type { Language } from './types.ts'
import { typescript } from './typescript/index.ts'

export { isCode, isTestName, kindByPath } from './path-kinds.ts'
export type { Language, Span } from './types.ts'

/** Every language whose files Quarry can look into: one line each. */
export const languages: readonly Language[] = [javascript, typescript, tsx]

const byExtension = new Map(languages.flatMap((language) => language.extensions.map((extension) => [extension, language] as const)))

/** The language of a file by its extension; null where Quarry has none for it. */
export function languageOf(path: string): Language | null {
  const dot = path.lastIndexOf('.')
  return dot === -1 ? null : (byExtension.get(path.slice(dot).toLowerCase()) ?? null)
}
