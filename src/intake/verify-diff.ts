import { diffTrees, type Mirror, patchBetween } from '../git/index.ts'
import { type Change, type MergedPull, type Refused, refuse } from '../model/index.ts'
import type { GitFacts } from './types.ts'

/** What of a found pull its diff is checked by. */
export interface VerifiablePull {
  readonly pull: Pick<MergedPull, 'head' | 'mergeCommit'>
  readonly facts: Pick<GitFacts, 'base' | 'style' | 'changes'>
}

export type DiffVerdict = 'equal' | 'unverified' | Refused

/**
 * Compares the pull's own diff (from where its head left the mainline, to its head) with the diff from base to merge. They must be the
 * same lines in the same files; only the context and the places may differ. `unverified` where the head is not known. Takes a
 * handful of processes: ask for candidates, not for every pull.
 */
export async function verifyDiff(mirror: Mirror, { pull, facts }: VerifiablePull): Promise<DiffVerdict> {
  const head = await commitOf(mirror, pull.head)
  // A fast-forward's head is the merge commit itself: it says nothing about where the pull's work begins.
  if (head === null || facts.style === 'fast-forward') return 'unverified'
  const fork = await mirror.ask(['merge-base', facts.base, head])
  if (fork.exitCode !== 0) return 'unverified'
  const start = fork.stdout.toString('utf8').trim()
  const own = await diffTrees(mirror, start, head)
  const unequal = differing(own, facts.changes)
  if (unequal.length === 0) return 'equal'
  const [theirs, ours] = await Promise.all([
    changedLines(mirror, start, head, unequal),
    changedLines(mirror, facts.base, pull.mergeCommit, unequal),
  ])
  const paths = [...new Set([...theirs.keys(), ...ours.keys()])].filter((path) => theirs.get(path) !== ours.get(path))
  return paths.length === 0
    ? 'equal'
    : refuse('diff-mismatch', { head, base: facts.base, paths: paths.slice(0, 20), count: paths.length })
}

async function commitOf(mirror: Mirror, head: string | null): Promise<string | null> {
  if (head === null) return null
  return (await mirror.objects.read(head))?.type === 'commit' ? head : null
}

/** Paths whose contents before and after are not the same ones in both. */
function differing(a: readonly Change[], b: readonly Change[]): string[] {
  const key = ({ oldBlob, newBlob, oldMode, newMode }: Change) => `${oldMode} ${newMode} ${oldBlob} ${newBlob}`
  const left = new Map(a.map((change) => [change.path, key(change)]))
  const right = new Map(b.map((change) => [change.path, key(change)]))
  return [...new Set([...left.keys(), ...right.keys()])].filter((path) => left.get(path) !== right.get(path))
}

/** As many as fit an argument list, however long they are. */
const pathsAtOnce = 200

/** The lines taken away and added, by path as git writes it, without context and places; of a binary file, its patch. */
async function changedLines(
  mirror: Mirror,
  from: string,
  to: string,
  paths: readonly string[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (let at = 0; at < paths.length; at += pathsAtOnce) {
    const patch = (await patchBetween(mirror, from, to, paths.slice(at, at + pathsAtOnce))).toString('latin1')
    for (const section of patch.split(/^(?=diff --git )/m)) {
      if (section === '') continue // nothing differs
      const [head = '', ...lines] = section.split('\n')
      const path = pathIn(head)
      const body = lines.includes('GIT binary patch')
        ? lines.slice(lines.indexOf('GIT binary patch'))
        : lines.filter((line) => /^(?:[+-](?!\+\+ |-- )|old mode|new mode|new file|deleted)/.test(line))
      // A file that became a link has two sections: taken away, and new.
      found.set(path, [...(found.has(path) ? [found.get(path)] : []), ...body].join('\n'))
    }
  }
  return found
}

/** Without renames the line `diff --git a/<path> b/<path>` names one path twice, in quotes where it is an odd one. */
function pathIn(head: string): string {
  const names = head.slice('diff --git '.length)
  const first = names.slice(0, (names.length - 1) / 2)
  return first.replace(/^("?)a\//, '$1')
}
