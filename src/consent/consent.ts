import {
  type Evidence,
  type ReadSettings,
  type Refused,
  refuse,
  settingsPath,
  type Visibility,
} from '../model/index.ts'

/** Whether a repository may be mined, and who may see its tasks. */
export type Consent =
  | { readonly consented: true; readonly visibility: Visibility }
  | { readonly consented: false; readonly why: 'opted-out' | 'not-opted-in' | 'mistakes'; readonly evidence: Evidence }

/**
 * Decides by the file in force (`mergeSettings`; null: there is none) and by what the forge says of the repository. A public repository is
 * mined unless its file says `enabled: false`, and its tasks are public; a private one only where the file says `enabled: true` or gives a
 * `visibility`, and its tasks are never more public than that. A file with mistakes is never guessed around: nothing is mined.
 */
export function consentOf(given: {
  readonly file: ReadSettings | null
  readonly visibility: 'public' | 'private'
}): Consent {
  const { file } = given
  if (file !== null && 'problems' in file) return mistaken(file.problems.length, file.problems[0]?.line ?? 1)
  const { enabled, visibility } = file?.settings ?? {}
  if (enabled === false) return { consented: false, why: 'opted-out', evidence: { setting: 'enabled', value: false } }
  if (given.visibility === 'public') return { consented: true, visibility: visibility ?? 'public' }
  if (enabled === true || visibility !== undefined) return { consented: true, visibility: visibility ?? 'private' }
  return { consented: false, why: 'not-opted-in', evidence: { wanted: `enabled: true in ${settingsPath}` } }
}

function mistaken(mistakes: number, line: number): Consent {
  return { consented: false, why: 'mistakes', evidence: { file: settingsPath, mistakes, line } }
}

/** The refusal that a missing consent amounts to, at intake. */
export function refusalOf(consent: Extract<Consent, { consented: false }>): Refused {
  return refuse('not-consented', { why: consent.why, ...consent.evidence })
}
