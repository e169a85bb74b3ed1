import { UserError } from '../errors.ts'
import type { Mirror } from './mirror.ts'

/** The source has no commits: where a forge has it, that may change. */
export class EmptySource extends UserError {}

/** Which refs of a source a mirror keeps, and the name of its default branch. */
export interface KeptRefs {
  readonly branch: string
  readonly refspecs: readonly string[]
}

const ALWAYS = ['+refs/tags/*:refs/tags/*', '+refs/pull/*/head:refs/pull/*/head']
const ORIGIN = 'refs/remotes/origin/'
const HEADS = 'refs/heads/'

/**
 * Reads `git ls-remote --symref`. A mirror is as the forge has it: a clone's `origin` branches become the mirror's branches, and its
 * own, where work in progress lies, are kept aside under refs/remotes/local. The default branch is the forge's, before the one
 * that is checked out. The heads of the pulls `without` are left where they are. Throws `EmptySource`, and `UserError` where the
 * default branch can't be told.
 */
export function whatToKeep(listing: string, location: string, without: readonly number[] = []): KeptRefs {
  const { targets, refs } = parseListing(listing)
  if (refs.size === 0) {
    throw new EmptySource(`${location} is empty: it has no commits`, { mend: 'push or fetch something first' })
  }
  const own = targets.get('HEAD')
  const guesses = [
    targets.get(`${ORIGIN}HEAD`),
    `${ORIGIN}main`,
    `${ORIGIN}master`,
    own?.replace(HEADS, ORIGIN),
    own,
    `${HEADS}main`,
    `${HEADS}master`,
  ]
  const found = guesses.find((ref) => ref !== undefined && refs.has(ref))
  if (found === undefined) {
    throw new UserError(`the default branch of ${location} is not known`, {
      mend: 'check out the default branch there, or run: git remote set-head origin --auto',
    })
  }
  const always = [...ALWAYS, ...without.map((pull) => `^refs/pull/${pull}/head`)]
  return found.startsWith(ORIGIN)
    ? {
        branch: found.slice(ORIGIN.length),
        refspecs: [`+${ORIGIN}*:${HEADS}*`, `^${ORIGIN}HEAD`, `+${HEADS}*:refs/remotes/local/*`, ...always],
      }
    : { branch: found.slice(HEADS.length), refspecs: [`+${HEADS}*:${HEADS}*`, ...always] }
}

/** The name of the branch that the mirror's HEAD stands for: the forge's default branch, `main`. */
export async function defaultBranch(mirror: Mirror): Promise<string> {
  return (await mirror.text(['symbolic-ref', 'HEAD'])).slice(HEADS.length)
}

function parseListing(text: string): { targets: Map<string, string>; refs: Set<string> } {
  const targets = new Map<string, string>()
  const refs = new Set<string>()
  for (const line of text.split('\n')) {
    const [value = '', name] = line.split('\t')
    if (name === undefined) continue
    if (value.startsWith('ref: ')) targets.set(name, value.slice('ref: '.length))
    else refs.add(name)
  }
  return { targets, refs }
}
