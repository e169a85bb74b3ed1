import type { CommitInfo } from '../git/index.ts'

/** What one commit says it takes back. Of the three, the surest that it names is kept. */
export interface Revert {
  readonly commit: string
  readonly at: Date
  readonly subject: string
  /** From "This reverts commit <id>": full or short ids. */
  readonly ids: readonly string[]
  /** From "Reverts owner/name#12", which GitHub writes into a reverting pull's body. */
  readonly pulls: readonly number[]
  /** From the subject `Revert "<subject>"`. */
  readonly title: string | null
}

/** Reads git's and GitHub's revert messages; null where the commit is none. */
export function revertOf(commit: CommitInfo, repository: string): Revert | null {
  if (!/revert/i.test(commit.message)) return null
  const ids = [
    ...commit.message.matchAll(/\bThis reverts (?:commit|merge(?: commit)?|pull request)?\s*([0-9a-f]{7,40})\b/gi),
  ]
  const pulls = [...commit.message.matchAll(/^Reverts (?:([\w.-]+\/[\w.-]+))?#(\d+)/gim)].filter(
    ([, place]) => place === undefined || place.toLowerCase() === repository.toLowerCase(),
  )
  const subject = subjectOf(commit.message)
  const [, quoted] = /^(?:\w+(?:\([^)]*\))?!?:\s*)?Revert:? "(.+)"(?: \(#\d+\))*$/i.exec(subject) ?? []
  if (ids.length === 0 && pulls.length === 0 && quoted === undefined) return null
  return {
    commit: commit.commit,
    at: commit.committedAt,
    subject,
    ids: ids.map(([, id = '']) => id.toLowerCase()),
    pulls: pulls.map(([, , number]) => Number(number)),
    title: quoted ?? null,
  }
}

/** What a pull can be named by in a later revert. */
interface RevertTarget {
  readonly commits: readonly string[]
  readonly number: number | null
  readonly subjects: readonly string[]
  readonly at: Date
  /** The pull's own commits: a revert among them is part of its work. */
  readonly within: ReadonlySet<string>
}

/** Finds reverts that still stand: one that was itself taken back does not count. */
export interface RevertIndex {
  revertedBy(target: RevertTarget): string | null
}

/** What a reverting commit is itself known by: the merge and the number of the pull that brought it. */
export type NamesOf = (commit: string) => { readonly commits: readonly string[]; readonly number: number | null }

export function indexReverts(reverts: readonly Revert[], namesOf: NamesOf): RevertIndex {
  const byId = groupBy(reverts, ({ ids }) => ids.map((id) => id.slice(0, 7)))
  const byPull = groupBy(reverts, ({ pulls }) => pulls.map(String))
  const byTitle = groupBy(reverts, ({ title, ids, pulls }) =>
    title !== null && ids.length === 0 && pulls.length === 0 ? [title] : [],
  )

  const standing = (target: RevertTarget, seen: ReadonlySet<string>): string | null => {
    const candidates = [
      ...target.commits.flatMap((id) =>
        (byId.get(id.slice(0, 7)) ?? []).filter(({ ids }) => ids.some((short) => id.startsWith(short))),
      ),
      ...(target.number === null ? [] : (byPull.get(String(target.number)) ?? [])),
      ...target.subjects.flatMap((subject) => byTitle.get(subject) ?? []),
    ]
    const found = candidates.find((revert) => {
      if (target.within.has(revert.commit) || target.commits.includes(revert.commit) || seen.has(revert.commit))
        return false
      if (revert.at < target.at) return false
      const names = namesOf(revert.commit)
      const itself = {
        ...names,
        commits: [revert.commit, ...names.commits],
        subjects: [revert.subject],
        at: revert.at,
        within: new Set<string>(),
      }
      return standing(itself, new Set([...seen, revert.commit])) === null
    })
    return found?.commit ?? null
  }
  return { revertedBy: (target) => standing(target, new Set()) }
}

export function subjectOf(message: string): string {
  return message.split('\n', 1)[0]?.trim() ?? ''
}

function groupBy(reverts: readonly Revert[], keys: (revert: Revert) => readonly string[]): Map<string, Revert[]> {
  const groups = new Map<string, Revert[]>()
  for (const revert of reverts) {
    for (const key of keys(revert)) groups.set(key, [...(groups.get(key) ?? []), revert])
  }
  return groups
}
