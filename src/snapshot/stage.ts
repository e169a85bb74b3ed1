import { type AddNext, advance, type CandidateContext, candidateAt, settleRefused } from '../db/candidates.ts'
import type { Db } from '../db/connect.ts'
import { mergedPull } from '../db/pulls.ts'
import { snapshots } from '../db/schema.ts'
import { describeTag, type Mirror } from '../git/index.ts'
import { isRefused, type TestPaths } from '../model/index.ts'
import { splitChange } from './split.ts'
import { statementOf } from './statement.ts'

export interface SnapshotServices {
  readonly db: Db
  readonly withMirror: <T>(context: CandidateContext, work: (mirror: Mirror) => Promise<T>) => Promise<T>
  /** What the owners' settings and the frameworks' own configuration say of test paths, at the merge. */
  readonly testPathsAt: (context: CandidateContext, mirror: Mirror, merge: string) => Promise<TestPaths>
  readonly addNext: AddNext
}

/** The snapshot stage: the pull's work is put back out and its tests are told from its fix. */
export async function snapshotStage(services: SnapshotServices, candidateId: number): Promise<void> {
  const context = await candidateAt(services.db, candidateId, 'snapshot')
  if (context === null) return
  const started = Date.now()
  const { candidate, pull } = context
  const { baseCommit } = candidate
  if (baseCommit === null) throw new Error(`candidate ${candidateId} came to the snapshot stage without a base commit`)
  const { split, tag, testPaths } = await services.withMirror(context, async (mirror) => {
    const paths = await services.testPathsAt(context, mirror, pull.mergeCommit)
    return {
      split: await splitChange({ mirror, baseCommit, merge: pull.mergeCommit, testPaths: paths }),
      tag: await describeTag(mirror, baseCommit),
      testPaths: paths,
    }
  })
  const seconds = (Date.now() - started) / 1000
  if (isRefused(split)) return settleRefused(services.db, context, 'snapshot', split, seconds)
  const { statement, flags } = statementOf(await mergedPull(services.db, pull), pull.firstCommitAt)
  await advance(
    services.db,
    context,
    {
      from: 'snapshot',
      to: 'environment',
      seconds,
      flags,
      write: async (tx) => {
        await tx
          .insert(snapshots)
          .values({
            candidateId,
            installationId: context.candidate.installationId,
            ...split,
            statement,
            testPaths,
            tag,
          })
          .onConflictDoNothing()
      },
    },
    services.addNext,
  )
}
