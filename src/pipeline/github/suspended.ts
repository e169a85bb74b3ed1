import { eq, inArray } from 'drizzle-orm'
import type { Db } from '../../db/connect.ts'
import { candidates, installations, repositories } from '../../db/schema.ts'
import { Fault } from '../../errors.ts'
import { addLogFields } from '../../log.ts'
import type { FeedbackJob, RepositoryJob } from '../jobs.ts'

/**
 * Does a job; where its installation turns out to be suspended, notes that and has the job end: it can't succeed. GitHub's event of it may come
 * later, or not at all. Nothing is lost: once the suspension is lifted, the next night takes in every pull that changed since the last.
 */
export async function unlessSuspended(
  db: Db,
  job: RepositoryJob | FeedbackJob,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Fault && error.kind === 'suspended')) throw error
    const owner =
      'candidate' in job
        ? db.select({ id: candidates.installationId }).from(candidates).where(eq(candidates.id, job.candidate))
        : db.select({ id: repositories.installationId }).from(repositories).where(eq(repositories.id, job.repository))
    await db.update(installations).set({ state: 'suspended' }).where(inArray(installations.id, owner))
    addLogFields({ passed: error.message })
  }
}
