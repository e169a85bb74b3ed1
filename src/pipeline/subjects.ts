import { eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Executor } from '../db/connect.ts'
import { candidates, deliveries, pulls, repositories } from '../db/schema.ts'
import type { LogFields } from '../log.ts'
import { stageNames } from './jobs.ts'

/** What jobs carry, whichever they are. */
const anyJob = z.object({
  candidate: z.int().optional(),
  delivery: z.string().optional(),
  repository: z.int().optional(),
  number: z.int().optional(),
})

/** What a job is about, as logs and the operator name it: looked up from the ids that it carries. */
export async function subjectOf(db: Executor, name: string, data: object): Promise<LogFields> {
  if (name === 'grade') return { stage: name }
  const stage = stageNames.find((each) => each === name) ?? 'intake'
  const { candidate, delivery, repository, number: pull } = anyJob.parse(data)
  if (candidate !== undefined) return { stage, candidate, ...(await ofCandidate(db, candidate)) }
  if (delivery !== undefined) return { stage, delivery, ...(await ofDelivery(db, delivery)) }
  if (repository === undefined) return { stage }
  const [row] = await db
    .select({ repository: repositories.name })
    .from(repositories)
    .where(eq(repositories.id, repository))
  return { stage, ...row, ...(pull === undefined ? {} : { pull }) }
}

async function ofCandidate(db: Executor, id: number): Promise<LogFields> {
  const [row] = await db
    .select({ repository: repositories.name, pull: pulls.number })
    .from(candidates)
    .innerJoin(pulls, eq(pulls.id, candidates.pullId))
    .innerJoin(repositories, eq(repositories.id, candidates.repositoryId))
    .where(eq(candidates.id, id))
  return { ...row }
}

/** A delivery names its repository by GitHub's number; one that is not known here yet has no name. */
async function ofDelivery(db: Executor, guid: string): Promise<LogFields> {
  const isOfThis = sql`${repositories.forgeId} = ${deliveries.repository}
    and ${repositories.installationId}::text = ${deliveries.installation}`
  const [row] = await db
    .select({ event: deliveries.event, pull: deliveries.number, repository: repositories.name })
    .from(deliveries)
    .leftJoin(repositories, isOfThis)
    .where(eq(deliveries.guid, guid))
  if (row === undefined) return {}
  const { event, pull, repository } = row
  // Issues have the same numbers.
  return {
    event,
    ...(repository === null ? {} : { repository }),
    ...(pull === null || event === 'issues' ? {} : { pull }),
  }
}
