import type { CommitInfo } from '../git/index.ts'
import { replayKey } from './base.ts'
import type { Mainline } from './mainline.ts'

/** A pull as the history tells of it. */
export interface HistoryPull {
  readonly number: number
  readonly title: string
  readonly body: string
  readonly mergeCommit: string
  readonly head: string | null
}

/**
 * The merged pulls of the mainline, by merge commit: merge subjects, `(#12)` at a subject's end, and, for fast-forwards and rebases,
 * which say no number, pull heads that are (or were replayed as) a commit of the chain. Where a number shows up twice the older
 * commit counts: later ones pick it again or revert it.
 */
export function historyPulls(mainline: Mainline): Map<string, HistoryPull> {
  const byNumber = new Map<number, HistoryPull>()
  for (const id of mainline.chain) {
    const commit = mainline.commits.get(id)
    const pull = commit === undefined ? null : namedPull(commit)
    // Where the mirror has the pulls' heads, a number without one is an issue's: people write `(#12)` for both.
    if (pull !== null && (mainline.heads.size === 0 || mainline.heads.has(pull.number))) {
      byNumber.set(pull.number, { ...pull, mergeCommit: id, head: mainline.heads.get(pull.number) ?? null })
    }
  }
  const pulls = new Map([...byNumber.values()].map((pull) => [pull.mergeCommit, pull]))
  for (const pull of unnamedPulls(mainline, byNumber, pulls)) pulls.set(pull.mergeCommit, pull)
  return pulls
}

type Named = Pick<HistoryPull, 'number' | 'title' | 'body'>

/** The pull that a commit's message names. */
function namedPull({ message, parents }: CommitInfo): Named | null {
  const { subject, body } = partsOf(message)
  const [, merged] = /^Merge pull request #(\d+) from \S/.exec(subject) ?? []
  if (merged !== undefined && parents.length > 1) return { number: Number(merged), ...mergeText(subject, body) }
  const [, title, number] = /^(.*\S)\s*\(#(\d{1,9})\)$/.exec(subject) ?? []
  return title === undefined ? null : { number: Number(number), title, body }
}

/** GitHub puts the pull's title on the first line of a merge commit's body. */
function mergeText(subject: string, body: string): { title: string; body: string } {
  const { subject: title, body: rest } = partsOf(body)
  return title === '' ? { title: subject, body: '' } : { title, body: rest }
}

/** A commit message's first line and the rest. */
export function partsOf(message: string): { subject: string; body: string } {
  const text = message.trim()
  const end = text.indexOf('\n')
  return end < 0
    ? { subject: text, body: '' }
    : { subject: text.slice(0, end).trim(), body: text.slice(end + 1).trim() }
}

/** Heads of pulls without a number in history. A commit that several pulls claim goes to the newest pull. */
function* unnamedPulls(
  mainline: Mainline,
  named: ReadonlyMap<number, HistoryPull>,
  taken: ReadonlyMap<string, HistoryPull>,
): Generator<HistoryPull> {
  const replays = replayIndex(mainline)
  for (const [number, head] of [...mainline.heads].sort(([a], [b]) => a - b)) {
    if (named.has(number)) continue
    const landed = landedHead(mainline, replays, head)
    const merge = landed === undefined ? undefined : mainline.commits.get(landed)
    // A merge commit is no pull's own work: such a head is a branch that was brought up to date.
    if (merge === undefined || merge.parents.length !== 1 || taken.has(merge.commit)) continue
    const { subject, body } = partsOf(merge.message)
    yield { number, title: subject, body, mergeCommit: merge.commit, head }
  }
}

/** The commit of the chain that a head is, or was replayed as. */
function landedHead(mainline: Mainline, replays: ReadonlyMap<string, string>, head: string): string | undefined {
  if (mainline.onChain(head)) return head
  const [last] = mainline.ownOf(head)
  return last === undefined ? undefined : replays.get(replayKey(last))
}

function replayIndex(mainline: Mainline): Map<string, string> {
  const index = new Map<string, string>()
  for (const id of mainline.chain) {
    const commit = mainline.commits.get(id)
    if (commit !== undefined && commit.parents.length === 1) index.set(replayKey(commit), id)
  }
  return index
}
