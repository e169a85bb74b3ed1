import { sql } from 'drizzle-orm'
import type { Db } from '../db/connect.ts'
import { jobTimes } from '../db/schema.ts'
import { Fault, UserError } from '../errors.ts'

/** Upper bounds in seconds, as a histogram has them. */
export const timeBounds = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, Number.POSITIVE_INFINITY]

/** How an attempt at a job ended: `done`, or the kind of its fault. */
export interface Ended {
  readonly outcome: string
  readonly seconds: number
}

/** Adds an attempt to what all workers together tell. One that a kill cut short is in nobody's count. */
export async function noteTime(db: Db, queue: string, { outcome, seconds }: Ended): Promise<void> {
  const bound = timeBounds.find((each) => seconds <= each) ?? Number.POSITIVE_INFINITY
  await db
    .insert(jobTimes)
    .values({ queue, outcome, bound, jobs: 1, seconds })
    .onConflictDoUpdate({
      target: [jobTimes.queue, jobTimes.outcome, jobTimes.bound],
      set: { jobs: sql`${jobTimes.jobs} + 1`, seconds: sql`${jobTimes.seconds} + excluded.seconds` },
    })
}

/** `input`: what somebody set up is wrong; `bug`: nobody foresaw it. */
export function faultKind(error: unknown): string {
  if (error instanceof Fault) return error.kind
  return error instanceof UserError ? 'input' : 'bug'
}
