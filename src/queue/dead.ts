import type { PgBoss } from 'pg-boss'
import { z } from 'zod'
import { UserError } from '../errors.ts'
import { DEAD } from './queues.ts'
import type { DeadJob } from './types.ts'

/** What pg-boss stores of a thrown error. */
const outputSchema = z.object({ message: z.string() })

/** All parked jobs, oldest first; `atOnce` are read in one query. */
export async function listDead(boss: PgBoss, atOnce = 1000): Promise<DeadJob[]> {
  const found: DeadJob[] = []
  for (;;) {
    const page = await deadAfter(boss, atOnce, found.at(-1)?.id)
    found.push(...page)
    if (page.length < atOnce) return found
  }
}

async function deadAfter(boss: PgBoss, limit: number, after: string | undefined): Promise<DeadJob[]> {
  const jobs = await boss.findJobs<object>(DEAD, { queued: true, limit, ...(after === undefined ? {} : { after }) })
  return jobs.map((job) => {
    const output = outputSchema.safeParse(job.sourceOutput)
    return {
      id: job.id,
      name: job.sourceName ?? DEAD,
      key: job.singletonKey ?? '',
      data: job.data,
      error: output.success ? output.data.message : JSON.stringify(job.sourceOutput),
      diedAt: job.createdOn,
    }
  })
}

export async function retryDead(boss: PgBoss, id: string): Promise<void> {
  const moved = z.guid().safeParse(id).success ? await boss.redrive(DEAD, { ids: [id] }) : 0
  if (moved === 0) {
    throw new UserError(`No parked job ${id} could be put back`, {
      mend: 'See "quarry jobs" for the ids; a job of the same key may be queued already.',
    })
  }
}
