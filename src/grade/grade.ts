import { createHash } from 'node:crypto'
import { and, eq, isNull } from 'drizzle-orm'
import type { Blobs } from '../blobs/types.ts'
import type { Db } from '../db/connect.ts'
import { type GradeResult, grades, tasks } from '../db/schema.ts'
import { Fault, messageOf, UserError } from '../errors.ts'
import { applyToTree, type Mirror, openQuarantine } from '../git/index.ts'
import type { Verdict } from '../model/index.ts'
import type { FullTask } from '../query/tasks.ts'
import { restoreTests } from '../snapshot/index.ts'
import type { HeldEnvironment } from '../test-runs/held-environment.ts'
import { rewardOf, tally } from './judge.ts'
import { type Judgement, runAndCompare } from './run-and-compare.ts'

export interface GradeServices {
  readonly db: Db
  readonly blobs: Blobs
  readonly withMirror: <T>(task: FullTask, work: (mirror: Mirror) => Promise<T>) => Promise<T>
  /** `mirror` may hold objects that only this grade needs. */
  readonly withEnvironment: <T>(
    task: FullTask,
    mirror: Mirror,
    work: (held: HeldEnvironment) => Promise<T>,
  ) => Promise<T>
}

export interface Graded {
  readonly id: string
  readonly verdict: Verdict
  readonly reward: 0 | 1 | null
  readonly result: GradeResult
  readonly seconds: number
  /** Of these, how long the builds and the test commands ran. */
  readonly testSeconds: number
}

/**
 * Grades a candidate patch: applies it to the snapshot, puts the tests of the after-state back, builds and runs, and compares.
 * Stores the grade. The machine's failures come out as the verdict `fault`, without a reward; only a stop (an abort) throws, and a
 * `UserError` where the task was erased meanwhile.
 */
export async function grade(services: GradeServices, task: FullTask, patch: Buffer): Promise<Graded> {
  const started = Date.now()
  const judgement = await judge(services, task, patch)
  const seconds = (Date.now() - started) / 1000
  const reward = rewardOf(judgement.verdict)
  const log = judgement.log.length === 0 ? null : (await services.blobs.put(judgement.log)).digest
  const id = await store(services.db, task, {
    installationId: task.installationId,
    taskId: task.id,
    contentHash: task.contentHash,
    patchDigest: createHash('sha256').update(patch).digest('hex'),
    patch,
    verdict: judgement.verdict,
    reward,
    result: judgement.result,
    log,
    seconds,
  })
  // An erasure may have removed the same bytes of another between the two.
  if (log !== null && !(await services.blobs.has(log))) await services.blobs.put(judgement.log)
  return {
    id,
    verdict: judgement.verdict,
    reward,
    result: judgement.result,
    seconds,
    testSeconds: judgement.testSeconds,
  }
}

/** A grade quotes its task's tests and holds a patch on its source: none is stored once the task is erased. */
async function store(db: Db, task: FullTask, values: typeof grades.$inferInsert): Promise<string> {
  return db.transaction(async (tx) => {
    const there = await tx
      .select({ id: tasks.id })
      .from(tasks)
      .where(and(eq(tasks.id, task.id), isNull(tasks.erasedAt)))
      .for('share')
    if (there.length === 0) throw new UserError(`the task ${task.name} was erased while it was graded`)
    const [row] = await tx.insert(grades).values(values).returning({ id: grades.id })
    if (row === undefined) throw new Error('a stored grade came back without its row')
    return row.id
  })
}

async function judge(services: GradeServices, task: FullTask, patch: Buffer): Promise<Judgement> {
  try {
    return await services.withMirror(task, async (shared) => {
      const mirror = await openQuarantine(shared)
      try {
        return await judgeIn(services, task, patch, mirror)
      } finally {
        await mirror.close()
      }
    })
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return {
      verdict: 'fault',
      result: emptyResult(task, `${error.kind}: ${messageOf(error)}`),
      log: Buffer.alloc(0),
      testSeconds: 0,
    }
  }
}

async function judgeIn(services: GradeServices, task: FullTask, patch: Buffer, mirror: Mirror): Promise<Judgement> {
  const applied = await applyToTree(mirror, task.snapshot.baseTree, patch)
  if ('rejected' in applied) {
    return {
      verdict: 'patch-rejected',
      result: emptyResult(task, applied.rejected),
      log: Buffer.alloc(0),
      testSeconds: 0,
    }
  }
  const restored = await restoreTests({ mirror, ...task.snapshot, candidateTree: applied.tree })
  return services.withEnvironment(task, mirror, (held) => runAndCompare(task, held, restored.tree))
}

function emptyResult(task: FullTask, detail: string): GradeResult {
  return { ...tally(new Map(), task), run: null, detail }
}
