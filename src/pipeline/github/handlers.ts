import type { Miner } from '../../../miners/index.ts'
import type { AddNext } from '../../db/candidates.ts'
import type { GitHubAccess } from '../../github/index.ts'
import type { Handlers } from '../../queue/types.ts'
import type { Jobs } from '../jobs.ts'
import type { Workshop } from '../workshop.ts'
import { type BackfillBounds, backfillRepository } from './backfill.ts'
import { takeInPull } from './pull.ts'
import { reconcileRepository } from './reconcile.ts'
import type { GitHubIntake } from './take-in-pulls.ts'

export interface IntakeOptions {
  readonly github: GitHubAccess
  readonly miner: Miner
  /** The job of a candidate's first stage: that of an event goes before that of a backfill. */
  readonly addNext: (priority: number) => AddNext
  readonly bounds: BackfillBounds
}

type IntakeJobs = Pick<Jobs, 'pull' | 'backfill' | 'reconcile'>

/** What a worker with a way to GitHub does with each job of the intake; deliveries are the App's. */
export function intakeHandlers(workshop: Workshop, options: IntakeOptions): Required<Handlers<IntakeJobs>> {
  const { github, miner, addNext, bounds } = options
  const intake = (priority: number, signal: AbortSignal): GitHubIntake => ({
    ...{ db: workshop.database.db, mirrors: workshop.mirrors, sources: workshop.sources },
    ...{ github, miner, addNext: addNext(priority), signal },
  })
  return {
    pull: ({ repository, number }, { signal }) => takeInPull(intake(5, signal), repository, number),
    backfill: ({ repository }, { signal }) => backfillRepository(intake(0, signal), repository, bounds),
    reconcile: async ({ repository }, { signal }) => {
      await reconcileRepository(intake(0, signal), repository)
    },
  }
}
