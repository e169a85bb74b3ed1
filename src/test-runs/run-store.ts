import { and, asc, eq, sql } from 'drizzle-orm'
import type { Blobs, Digest } from '../blobs/types.ts'
import { assertWanted } from '../db/candidates.ts'
import type { Db } from '../db/connect.ts'
import { runs, testNames } from '../db/schema.ts'
import type { Statuses } from '../model/index.ts'
import { compactStatuses, expandStatuses } from './compact.ts'
import type { PlanOutcome, RunRecord } from './types.ts'

export type RunPart = 'suite' | 'repeat'
export type StoredState = 'base' | 'before' | 'after'

export interface RunIdentity {
  readonly candidateId: number
  readonly attemptId: number
  readonly state: StoredState
  readonly part: RunPart
  readonly ordinal: number
}

/** A run as it was stored: what comparing needs. */
export interface StoredRun extends RunIdentity {
  readonly ended: string
  readonly exitCode: number | null
  readonly statuses: Statuses
  /** Builds and tests together, as time limits have them. */
  readonly seconds: number
  /** For each test plan the files that its tests are in; null where its framework tells none. */
  readonly planFiles: readonly (readonly string[] | null)[]
  readonly log: Digest | null
}

/**
 * Stores a run; where the same run is there already (a job delivered twice), that one stays. Throws the `Fault` `withdrawn` where
 * the candidate is no longer worked on.
 */
export async function saveRun(
  db: Db,
  blobs: Blobs,
  identity: RunIdentity,
  record: RunRecord,
  cores: number,
): Promise<StoredRun> {
  const compact = compactStatuses(record.ending.statuses)
  const planFiles = record.plans.map(filesOf)
  const log = await db.transaction(async (tx) => {
    await assertWanted(tx, identity.candidateId)
    // After that: an erasure now waits, and then finds the row that names it.
    const { digest } = await blobs.put(record.log)
    // An update locks them: names that no run uses any more may be on their way out.
    await tx
      .insert(testNames)
      .values({ digest: compact.digest, count: compact.count, names: compact.names })
      .onConflictDoUpdate({ target: testNames.digest, set: { count: compact.count } })
    await tx
      .insert(runs)
      .values({
        ...identity,
        installationId: sql`(select installation_id from candidates where id = ${identity.candidateId})`,
        ended: record.ending.ended,
        exitCode: record.exitCode,
        seconds: record.seconds,
        peakMib: record.peakMib === null ? null : Math.round(record.peakMib),
        cores,
        namesDigest: compact.digest,
        statuses: compact.statuses,
        planFiles,
        log: digest,
      })
      .onConflictDoNothing()
    return digest
  })
  return {
    ...identity,
    ended: record.ending.ended,
    exitCode: record.exitCode,
    statuses: record.ending.statuses,
    seconds: record.seconds.build + record.seconds.test,
    planFiles,
    log,
  }
}

function filesOf({ tests }: PlanOutcome): string[] | null {
  const files = new Set(tests.map(({ file }) => file))
  return files.has(null) ? null : [...files].flatMap((file) => (file === null ? [] : [file])).sort()
}

/** The runs of one attempt, in the order of their ordinals. */
export async function loadRuns(db: Db, candidateId: number, attemptId: number): Promise<StoredRun[]> {
  const rows = await db
    .select({ run: runs, names: testNames.names })
    .from(runs)
    .innerJoin(testNames, eq(testNames.digest, runs.namesDigest))
    .where(and(eq(runs.candidateId, candidateId), eq(runs.attemptId, attemptId)))
    .orderBy(asc(runs.ordinal))
  return rows.map(({ run, names }) => ({
    candidateId,
    attemptId,
    state: run.state,
    part: run.part,
    ordinal: run.ordinal,
    ended: run.ended,
    exitCode: run.exitCode,
    statuses: expandStatuses(names, run.statuses),
    seconds: (run.seconds.build ?? 0) + (run.seconds.test ?? 0),
    planFiles: run.planFiles,
    log: run.log,
  }))
}
