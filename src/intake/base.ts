import type { CommitInfo } from '../git/index.ts'
import type { Mainline } from './mainline.ts'
import type { MergeStyle } from './types.ts'

/** Where a pull's work begins and ends on its branch. */
export interface Landing {
  readonly style: MergeStyle
  readonly merge: CommitInfo
  readonly base: string
  /** The pull's own commits as they stand in history, newest first; for a squash the one commit. */
  readonly landed: readonly CommitInfo[]
}

/** What of the mainline a landing is read from; for a merge on another branch, that branch's. */
export interface Lookups extends Pick<Mainline, 'broughtBy' | 'ownOf'> {
  readonly commits: Pick<ReadonlyMap<string, CommitInfo>, 'get'>
}

/**
 * The base commit by merge style: a merge commit's first parent; a squash's parent; for replayed commits the parent of the first one,
 * found by walking back over the pull's commits as long as author, author date and subject agree. A fast-forward without GitHub's
 * list of commits counts as one commit. Null for a root commit, which has nothing before it.
 *
 * @param isOthers whether a mainline commit is another pull's own landing: a branch stacked on it replays it, too
 */
export function landingOf(
  mainline: Lookups,
  merge: CommitInfo,
  head: string | null,
  isOthers: (commit: string) => boolean = () => false,
): Landing | null {
  const [parent, ...others] = merge.parents
  if (parent === undefined) return null
  if (others.length > 0) return { style: 'merge', merge, base: parent, landed: broughtCommits(mainline, merge) }
  if (head === merge.commit) return { style: 'fast-forward', merge, base: parent, landed: [merge] }
  const own = head === null ? [] : mainline.ownOf(head)
  const landed = replayed(mainline, merge, own, isOthers)
  const first = landed.at(-1)
  if (first === undefined) return { style: 'squash', merge, base: parent, landed: [merge] }
  return { style: 'rebase', merge, base: first.parents[0] ?? parent, landed }
}

/** Same work, replayed: what a rebase keeps of a commit. */
export function replayKey({ author, message }: CommitInfo): string {
  return `${author.email}\n${author.date.getTime()}\n${message.split('\n', 1)[0] ?? ''}`
}

function broughtCommits(mainline: Lookups, merge: CommitInfo): CommitInfo[] {
  return mainline.broughtBy(merge.commit).flatMap((commit) => mainline.commits.get(commit) ?? [])
}

/** Mainline commits from the merge backwards that are the pull's commits replayed, newest first. */
function replayed(
  mainline: Lookups,
  merge: CommitInfo,
  own: Iterable<CommitInfo>,
  isOthers: (commit: string) => boolean,
): CommitInfo[] {
  const landed: CommitInfo[] = []
  let at: CommitInfo | undefined = merge
  for (const commit of own) {
    if (at === undefined || at.parents.length > 1 || replayKey(at) !== replayKey(commit)) break
    if (at.parents.length === 0 || (at !== merge && isOthers(at.commit))) break
    landed.push(at)
    at = mainline.commits.get(at.parents[0] ?? '')
  }
  return landed
}
