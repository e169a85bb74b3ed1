import { readableText } from './plain-text.ts'

/** The issues that a text closes. */
export interface ClosingReferences {
  /** Numbers of this repository, once each, in order. */
  readonly own: readonly number[]
  /** Of other repositories, as `owner/name#12`. They don't count as linked. */
  readonly elsewhere: readonly string[]
}

export interface ReferenceContext {
  /** `owner/name`; compared without regard to case, as GitHub does. */
  readonly repository: string
  /** The host that issue URLs must have. */
  readonly forge: string
}

const KEYWORD = String.raw`(?<!\w)(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)(?:[ \t]*:)?[ \t]+`
const PLACE = String.raw`(?:(?<place>[\w.-]+\/[\w.-]+)?#|(?<old>GH-)|https?:\/\/(?<host>[\w.-]+)\/(?<path>[\w.-]+\/[\w.-]+)\/issues\/)`
const REFERENCE = new RegExp(String.raw`${KEYWORD}${PLACE}(?<number>[1-9]\d{0,9})(?![\w#?/]|-\w|\.\d)`, 'gi')

/**
 * GitHub's closing keywords (docs: "Linking a pull request to an issue using a keyword"): `close closes closed fix fixes fixed resolve
 * resolves resolved`, any case, an optional colon, then `#12`, `GH-12`, `owner/name#12` or the issue's URL. Each issue needs its own
 * keyword. What stands in comments or code does not count.
 */
export function closingReferences(
  text: string,
  kind: 'markdown' | 'message',
  context: ReferenceContext,
): ClosingReferences {
  // Most texts close nothing, and a large history has a hundred thousand of them.
  if (!/#\d|gh-\d|\/issues\/\d/i.test(text)) return { own: [], elsewhere: [] }
  const own = new Set<number>()
  const elsewhere = new Set<string>()
  for (const { groups } of readableText(text, kind).matchAll(REFERENCE)) {
    const number = Number(groups?.number)
    const place = groups?.place ?? groups?.path ?? context.repository
    const host = groups?.host ?? context.forge
    const same =
      place.toLowerCase() === context.repository.toLowerCase() && host.toLowerCase() === context.forge.toLowerCase()
    if (same) own.add(number)
    else elsewhere.add(`${host.toLowerCase() === context.forge.toLowerCase() ? '' : `${host}/`}${place}#${number}`)
  }
  return { own: [...own], elsewhere: [...elsewhere] }
}
