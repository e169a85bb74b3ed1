import type { Miner } from '../../miners/index.ts'
import { refusalByLabels } from '../consent/index.ts'
import type { RepositoryRow } from '../db/candidates.ts'
import type { pulls } from '../db/schema.ts'
import { changeSizes, type Mirror, readBlob } from '../git/index.ts'
import { type Discovery, type FoundPull, isBadLine, isFound, type RefusedPull, verifyDiff } from '../intake/index.ts'
import { kindByPath, syntaxOf } from '../languages/index.ts'
import { type Change, type Evidence, type Flag, isRefused, type Reason } from '../model/index.ts'
import { settingsAt, settingsOf } from './settings-at.ts'

/** What a pull is, and what the settings and the miner say of it. */
export interface Judged {
  readonly values: typeof pulls.$inferInsert
  readonly found: FoundPull | null
  readonly flags: readonly Flag[]
  readonly outcome:
    | { readonly state: 'proposed'; readonly base: string; readonly evidence: Evidence }
    | {
        readonly state: 'refused'
        readonly stage: 'intake' | 'miner'
        readonly reason: Reason
        readonly evidence: Evidence
      }
}

/** What pulls of a repository are judged with. */
export interface Judging {
  readonly repository: RepositoryRow
  readonly mirror: Mirror
  readonly defaultBranch: string
  readonly miner: Miner
}

/** Asks the miner about each pull of a batch. Nothing is stored. */
export async function judgeBatch(options: Judging, batch: readonly Discovery[]): Promise<Judged[]> {
  const judged: Judged[] = []
  for (const discovery of batch) {
    if (isBadLine(discovery)) continue
    judged.push(
      isFound(discovery) ? await judgeFound(options, discovery) : refusedAtIntake(options.repository, discovery),
    )
  }
  return judged
}

async function judgeFound({ mirror, miner, defaultBranch, repository }: Judging, found: FoundPull): Promise<Judged> {
  const { pull, facts } = found
  const stored = settingsOf(repository)
  const unwanted = refusalByLabels(stored, pull.labels)
  const outcome =
    unwanted ??
    (await miner.propose({
      pull,
      base: facts.base,
      changes: facts.changes,
      defaultBranch,
      revertedBy: facts.revertedBy,
      sizes: () => changeSizes(mirror, facts.base, pull.mergeCommit),
      mixedPaths: () => mixedPaths(mirror, facts.changes),
      statedPaths: (await settingsAt(mirror, pull.mergeCommit, stored)).paths,
    }))
  const flags: Flag[] = []
  const verified = isRefused(outcome) ? 'equal' : await verifyDiff(mirror, found)
  if (verified === 'unverified') flags.push('diff-unverified')
  return {
    found,
    flags: [...facts.flags, ...flags],
    values: {
      repositoryId: repository.id,
      installationId: repository.installationId,
      number: pull.number,
      title: pull.title,
      body: pull.body,
      createdAt: pull.createdAt,
      mergedAt: pull.mergedAt,
      mergeCommit: pull.mergeCommit,
      firstCommitAt: facts.firstCommitAt,
      baseRef: pull.baseRef,
      head: pull.head,
      authorLogin: pull.user?.login ?? null,
      authorType: pull.user?.type ?? null,
      labels: pull.labels,
      closes: pull.closes,
      source: pull.source,
    },
    outcome:
      typeof verified === 'object'
        ? { state: 'refused', stage: 'intake', reason: verified.refused, evidence: verified.evidence }
        : isRefused(outcome)
          ? {
              state: 'refused',
              stage: unwanted === null ? 'miner' : 'intake',
              reason: outcome.refused,
              evidence: outcome.evidence,
            }
          : { state: 'proposed', base: outcome.proposed.base, evidence: outcome.proposed.evidence },
  }
}

/** Changed source files with tests inside. Test files are told by their paths; only what is no test by its path is looked into. */
async function mixedPaths(mirror: Mirror, changes: readonly Change[]): Promise<string[]> {
  const mixed: string[] = []
  for (const { path, newBlob } of changes) {
    const syntax = newBlob === null || kindByPath(path) !== 'source' ? null : syntaxOf(path)
    if (syntax === null || newBlob === null) continue
    if (syntax.testItems((await readBlob(mirror, newBlob)).toString()).length > 0) mixed.push(path)
  }
  return mixed
}

function refusedAtIntake(repository: RepositoryRow, refused: RefusedPull): Judged {
  return {
    found: null,
    flags: [],
    values: {
      repositoryId: repository.id,
      installationId: repository.installationId,
      number: refused.number,
      title: refused.title,
      body: '',
      mergedAt: refused.mergedAt,
      mergeCommit: refused.mergeCommit,
      labels: [],
      closes: [],
      source: refused.source,
    },
    outcome: { state: 'refused', stage: 'intake', reason: refused.refused, evidence: refused.evidence },
  }
}
