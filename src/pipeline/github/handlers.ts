import type { Miner } from '../../../miners/index.ts'
import type { AddNext } from '../../db/candidates.ts'
import type { GitHubAccess } from '../../github/index.ts'
import type { Handlers, Queue } from '../../queue/types.ts'
import type { Jobs } from '../jobs.ts'
import type { Workshop } from '../workshop.ts'
import { type BackfillBounds, backfillRepository } from './backfill.ts'
import { feedbackSoon, giveFeedback } from './feedback.ts'
import { takeInPull } from './pull.ts'
import { reconcileRepository } from './reconcile.ts'
import { settingsChanged } from './settings-job.ts'
import { unlessSuspended } from './suspended.ts'
import type { GitHubIntake } from './take-in-pulls.ts'

export interface IntakeOptions {
  readonly queue: Pick<Queue<Jobs>, 'add' | 'addAll'>
  readonly github: GitHubAccess
  readonly miner: Miner
  /** The job of a candidate's first stage: that of an event goes before that of a backfill. */
  readonly addNext: (priority: number) => AddNext
  readonly bounds: BackfillBounds
}

type IntakeJobs = Pick<Jobs, 'pull' | 'settings' | 'backfill' | 'reconcile' | 'feedback'>

/** What a worker with a way to GitHub does with each job of the intake; deliveries are the App's. */
export function intakeHandlers(
  workshop: Pick<Workshop, 'database' | 'mirrors' | 'sources'>,
  options: IntakeOptions,
): Required<Handlers<IntakeJobs>> {
  const { github, miner, addNext, bounds, queue } = options
  const { db } = workshop.database
  const intake = (priority: number, signal: AbortSignal): GitHubIntake => ({
    ...{ db, mirrors: workshop.mirrors, sources: workshop.sources },
    ...{ github, miner, addNext: addNext(priority), signal },
  })
  return {
    pull: (job, { signal }) =>
      unlessSuspended(db, job, async () => {
        const taken = await takeInPull(intake(5, signal), job.repository, job.number)
        for (const candidate of taken) await feedbackSoon(db, queue, candidate)
      }),
    settings: (job, { signal }) => unlessSuspended(db, job, () => settingsChanged(intake(5, signal), queue, job)),
    backfill: (job, { signal }) =>
      unlessSuspended(db, job, () => backfillRepository(intake(0, signal), job.repository, bounds)),
    reconcile: (job, { signal }) =>
      unlessSuspended(db, job, () => reconcileRepository(intake(5, signal), job.repository, { pushed: true })),
    feedback: (job) => unlessSuspended(db, job, () => giveFeedback(db, github, job.candidate)),
  }
}
