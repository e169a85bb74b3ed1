import { and, asc, eq, isNull } from 'drizzle-orm'
import type { Executor } from '../db/connect.ts'
import { attempts, environments, runs, snapshots, tasks, testNames, verdicts } from '../db/schema.ts'
import type { Statuses, TestStatus } from '../model/index.ts'
import { expandNames, expandStatuses } from '../test-runs/compact.ts'
import { canonicalDigest, environmentDigest, hashedContent } from './content-hash.ts'

export type Certificate = NonNullable<Awaited<ReturnType<typeof certificateOf>>>

/**
 * The evidence for a task: every run that its lists were made of, the verdicts on it, what its environment is, and the content that
 * `content_hash` is the hash of. Without `withTests` whatever names tests is null. Null where the task is not there, or erased.
 */
export async function certificateOf(db: Executor, taskId: number, { withTests }: { readonly withTests: boolean }) {
  const [row] = await db
    .select({ task: tasks, snapshot: snapshots, attempt: attempts, environment: environments })
    .from(tasks)
    .innerJoin(snapshots, eq(snapshots.id, tasks.snapshotId))
    .innerJoin(attempts, eq(attempts.id, tasks.attemptId))
    .innerJoin(environments, eq(environments.id, tasks.environmentId))
    .where(and(eq(tasks.id, taskId), isNull(tasks.erasedAt)))
  if (row === undefined) return null
  const { task } = row
  return {
    task: task.name,
    revision: task.revision,
    content_hash: task.contentHash,
    content: contentOf(row, withTests),
    trees: treesOf(row),
    environment: environmentOf(row),
    runs: await runsOf(db, task.candidateId ?? 0, row.attempt.id),
    verdicts: await verdictsOf(db, task.candidateId ?? 0, withTests),
    flags: [...task.flags],
    flaky: withTests ? [...task.flaky] : null,
    before: withTests ? task.beforeStatuses : null,
    statement_at: task.statementAt?.toISOString() ?? null,
    merged_at: task.mergedAt.toISOString(),
    vetted_at: task.publishedAt.toISOString(),
    validated_at: task.validatedAt.toISOString(),
  }
}

interface Certified {
  readonly task: typeof tasks.$inferSelect
  readonly snapshot: typeof snapshots.$inferSelect
  readonly attempt: typeof attempts.$inferSelect
  readonly environment: typeof environments.$inferSelect
}

/** `content_hash` is sha256 over this object's canonical JSON, where tests may be named. */
function contentOf({ task, snapshot, attempt, environment }: Certified, withTests: boolean) {
  const { layer, root } = environment
  const content = hashedContent({
    ...snapshot,
    statement: task.statement,
    failToPass: task.failToPass,
    passToPass: expandNames(task.passToPass),
    environment: environmentDigest({ layer, root, strategy: attempt.strategy }),
  })
  const { failToPass, passToPass, ...rest } = { ...content, statement: { ...content.statement } }
  return { ...rest, failToPass: withTests ? failToPass : null, passToPass: withTests ? passToPass : null }
}

function treesOf({ snapshot }: Certified) {
  const { baseCommit, baseTree, beforeTree, afterTree, tag } = snapshot
  return { base_commit: baseCommit, base: baseTree, before: beforeTree, after: afterTree, tag }
}

/** `digest` is sha256 over the canonical JSON of `layer`, `root` and `strategy` alone. */
function environmentOf({ attempt, environment }: Certified) {
  const { layer, root, toolchain, layerBytes, unpackedBytes } = environment
  return {
    digest: environmentDigest({ layer, root, strategy: attempt.strategy }),
    layer,
    root,
    strategy: { ...attempt.strategy },
    toolchain,
    layer_bytes: layerBytes,
    unpacked_bytes: unpackedBytes,
    built_at: environment.createdAt.toISOString(),
  }
}

async function runsOf(db: Executor, candidateId: number, attemptId: number) {
  const rows = await db
    .select({ run: runs, names: testNames.names })
    .from(runs)
    .innerJoin(testNames, eq(testNames.digest, runs.namesDigest))
    .where(and(eq(runs.candidateId, candidateId), eq(runs.attemptId, attemptId)))
    .orderBy(asc(runs.id))
  return rows.map(({ run, names }) => {
    const statuses = expandStatuses(names, run.statuses)
    const { state, part, ordinal, ended, exitCode, seconds, peakMib, cores, createdAt } = run
    return {
      ...{ state, part, ordinal, ended, exit_code: exitCode, seconds, peak_mib: peakMib, cores },
      tests: countsOf(statuses),
      statuses: canonicalDigest(Object.fromEntries(statuses)),
      at: createdAt.toISOString(),
    }
  })
}

function countsOf(statuses: Statuses): Record<TestStatus, number> {
  const counts = { passed: 0, failed: 0, skipped: 0, errored: 0 }
  for (const status of statuses.values()) counts[status] += 1
  return counts
}

/** Evidence may name tests, and quote what they printed. */
async function verdictsOf(db: Executor, candidateId: number, withTests: boolean) {
  const rows = await db.select().from(verdicts).where(eq(verdicts.candidateId, candidateId)).orderBy(asc(verdicts.id))
  return rows.map(({ validator, verdict, reason, evidence, createdAt }) => ({
    validator,
    verdict,
    reason,
    evidence: withTests ? evidence : null,
    at: createdAt.toISOString(),
  }))
}
