import type { CommitInfo } from '../git/index.ts'
import type { Change, Flag, MergedPull, PullLine, PullSource } from '../model/index.ts'
import type { Landing } from './base.ts'
import { type HistoryPull, partsOf } from './history-pulls.ts'
import { closingReferences, type ReferenceContext } from './keywords.ts'
import type { Mainline } from './mainline.ts'
import { type RevertIndex, subjectOf } from './reverts.ts'
import type { FoundPull, GitFacts } from './types.ts'

/** What all pulls of one discovery are judged with. */
export interface Surroundings {
  readonly mainline: Mainline
  /** The pulls that history names, by merge commit. */
  readonly pulls: ReadonlyMap<string, HistoryPull>
  readonly reverts: RevertIndex
  readonly references: ReferenceContext
}

/** A pull that history alone tells of: the statement is the message. */
export function foundInHistory(
  around: Surroundings,
  pull: HistoryPull,
  landing: Landing,
  changes: readonly Change[],
): FoundPull {
  const { closes, elsewhere } = closedBy(around, pull.number, '', landing)
  const { title, body } = told(around, pull, landing)
  const merged: MergedPull = {
    number: pull.number,
    title,
    body,
    createdAt: null,
    mergedAt: landing.merge.committedAt,
    mergeCommit: pull.mergeCommit,
    baseRef: around.mainline.branch,
    head: pull.head,
    user: userOf(landing),
    labels: [],
    issues: [],
    closes,
    source: 'history',
  }
  return { pull: merged, facts: factsOf(around, merged, landing, changes, elsewhere, ['statement-from-commit']) }
}

/** Of several replayed commits the last is seldom what the pull is about: the one that closes an issue tells it. */
function told(
  { references }: Surroundings,
  pull: HistoryPull,
  { style, landed }: Landing,
): { title: string; body: string } {
  const closing = landed.find(({ message }) => closingReferences(message, 'message', references).own.length > 0)
  if (style !== 'rebase' || landed.length < 2 || closing === undefined) return pull
  const { subject, body } = partsOf(closing.message)
  return { title: subject, body }
}

/** A pull that a line tells of. Its own list of issues wins over keywords, as GitHub's list does over its texts. */
export function foundByLine(
  around: Surroundings,
  line: PullLine,
  source: PullSource,
  mergedAt: Date,
  landing: Landing,
  changes: readonly Change[],
): FoundPull {
  const { closes, elsewhere } = closedBy(around, line.number, line.body, landing)
  const merged: MergedPull = {
    number: line.number,
    title: line.title,
    body: line.body,
    createdAt: line.created_at === null ? null : new Date(line.created_at),
    mergedAt,
    mergeCommit: landing.merge.commit,
    baseRef: line.base?.ref ?? null,
    head: line.head?.sha ?? around.mainline.heads.get(line.number) ?? null,
    user: line.user,
    labels: line.labels.map(({ name }) => name),
    issues: line.issues ?? [],
    closes: line.issues === undefined ? closes : line.issues.map(({ number }) => number),
    source,
  }
  const flags: Flag[] = line.issues === undefined ? ['statement-from-commit'] : []
  return { pull: merged, facts: factsOf(around, merged, landing, changes, elsewhere, flags) }
}

/** Numbers closed by the body and the messages of the commits that landed. A pull is no issue, though it shares the numbers. */
function closedBy({ mainline, references }: Surroundings, number: number, body: string, landing: Landing) {
  const texts = [
    closingReferences(body, 'markdown', references),
    closingReferences(landing.merge.message, 'message', references),
    ...landing.landed.map(({ message }) => closingReferences(message, 'message', references)),
  ]
  const own = new Set(texts.flatMap((text) => text.own))
  return {
    closes: [...own].filter((issue) => issue !== number && !mainline.heads.has(issue)),
    elsewhere: [...new Set(texts.flatMap((text) => text.elsewhere))],
  }
}

function factsOf(
  around: Surroundings,
  pull: MergedPull,
  landing: Landing,
  changes: readonly Change[],
  closesElsewhere: readonly string[],
  flags: readonly Flag[],
): GitFacts {
  const dates = ownDates(around.mainline, pull, landing)
  const subject = subjectOf(landing.merge.message)
  return {
    base: landing.base,
    style: landing.style,
    changes,
    firstCommitAt: dates.length === 0 ? null : new Date(Math.min(...dates)),
    revertedBy: around.reverts.revertedBy({
      commits: [pull.mergeCommit, ...landing.landed.map(({ commit }) => commit)],
      number: pull.number,
      subjects: [...new Set([subject, pull.title, `${pull.title} (#${pull.number})`])],
      at: landing.merge.committedAt,
      within: new Set(landing.landed.map(({ commit }) => commit)),
    }),
    closesElsewhere,
    flags,
  }
}

/** When the pull's own commits were written. A squash is written at the merge, so there only the head can tell. */
function ownDates(mainline: Mainline, pull: MergedPull, landing: Landing): number[] {
  const own = landing.style === 'squash' ? (pull.head === null ? [] : [...mainline.ownOf(pull.head)]) : landing.landed
  return own.map(({ author }) => author.date.getTime())
}

/** The author of the pull's newest commit, where the address tells the login or that it is a bot. */
function userOf({ merge, landed }: Landing): MergedPull['user'] {
  const { author }: CommitInfo = landed[0] ?? merge
  const [, login] = /^(?:\d+\+)?([^@\s]+)@users\.noreply\./.exec(author.email) ?? []
  const name = login ?? (author.name.endsWith('[bot]') ? author.name : null)
  return name === null ? null : { login: name, type: name.endsWith('[bot]') ? 'Bot' : 'User' }
}

/** A found pull told anew by what the forge knows of it: its text, and the issues it closes as they stood when it was made. */
export function retold(found: FoundPull, line: PullLine, elsewhere: readonly string[]): FoundPull {
  const { pull, facts } = found
  const issues = line.issues ?? pull.issues
  const told: MergedPull = {
    ...pull,
    title: line.title,
    body: line.body,
    createdAt: line.created_at === null ? pull.createdAt : new Date(line.created_at),
    user: line.user,
    labels: line.labels.map(({ name }) => name),
    issues,
    closes: issues.map(({ number }) => number),
  }
  const flags = facts.flags.filter((flag) => flag !== 'statement-from-commit')
  const closesElsewhere = [...new Set([...facts.closesElsewhere, ...elsewhere])]
  return { pull: told, facts: { ...facts, flags, closesElsewhere } }
}
