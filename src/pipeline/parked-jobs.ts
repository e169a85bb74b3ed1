import { and, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Db } from '../db/connect.ts'
import { candidates } from '../db/schema.ts'
import { UserError } from '../errors.ts'
import type { LogFields } from '../log.ts'
import type { DeadJob, Queue } from '../queue/types.ts'
import type { Jobs } from './jobs.ts'
import { subjectOf } from './subjects.ts'

export interface ParkedJob extends DeadJob {
  readonly about: LogFields
}

type Parking = Pick<Queue<Jobs>, 'dead' | 'retry'>

/** Jobs that failed in every attempt, oldest first, with what each is about. */
export async function parkedJobs(db: Db, queue: Parking): Promise<ParkedJob[]> {
  const parked: ParkedJob[] = []
  for (const job of await queue.dead()) parked.push({ ...job, about: await subjectOf(db, job.name, job.data) })
  return parked
}

const ofCandidate = z.object({ candidate: z.int() })

/** Puts a parked job back. Throws UserError where there is none of this id, or one of its key is queued already. */
export async function retryParked(db: Db, queue: Parking, id: string): Promise<void> {
  const job = (await queue.dead()).find((each) => each.id === id)
  await putBack(db, queue, id, job?.data)
}

async function putBack(db: Db, queue: Parking, id: string, data: unknown): Promise<void> {
  const about = ofCandidate.safeParse(data)
  if (about.success) await reopen(db, about.data.candidate)
  await queue.retry(id)
}

/** Puts back all; gives the ids of those that went, and of those that did not: their key is queued already. */
export async function retryAllParked(db: Db, queue: Parking): Promise<{ retried: string[]; left: string[] }> {
  const [retried, left]: [string[], string[]] = [[], []]
  for (const { id, data } of await queue.dead()) {
    const went = await putBack(db, queue, id, data).then(
      () => true,
      (error: unknown) => {
        if (error instanceof UserError) return false
        throw error
      },
    )
    if (went) retried.push(id)
    else left.push(id)
  }
  return { retried, left }
}

/** A candidate that faulted is worked on no more; one that was decided or erased since stays as it is. */
async function reopen(db: Db, id: number): Promise<void> {
  await db
    .update(candidates)
    .set({ state: 'proposed', decidedAt: null, evidence: sql`${candidates.evidence} - 'fault' - 'message'` })
    .where(and(eq(candidates.id, id), eq(candidates.state, 'fault')))
}
