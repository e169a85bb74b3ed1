import { and, eq, isNull } from 'drizzle-orm'
import type { Blobs, Digest } from '../blobs/types.ts'
import type { Db } from '../db/connect.ts'
import { type GradeResult, grades, tasks } from '../db/schema.ts'
import { Fault, messageOf, UserError } from '../errors.ts'
import { applyAndCompare, type Mirror, openQuarantine } from '../git/index.ts'
import type { Verdict } from '../model/index.ts'
import type { FullTask } from '../query/tasks.ts'
import { faultKind } from '../queue/job-times.ts'
import { restoreTests } from '../snapshot/index.ts'
import type { HeldEnvironment } from '../test-runs/held-environment.ts'
import { rewardOf, tally } from './judge.ts'
import { outwardLinks } from './outward-links.ts'
import { patchDigest } from './patch-digest.ts'
import { type Judgement, runAndCompare } from './run-and-compare.ts'
import { unfitFiles } from './unfit-files.ts'

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

export type { Judgement } from './run-and-compare.ts'

/**
 * Grades a candidate patch here and now, and stores the grade. The machine's failures come out as the verdict `fault`, without a
 * reward; only a stop (an abort) throws, and a `UserError` where the task was erased meanwhile.
 */
export async function grade(services: GradeServices, task: FullTask, patch: Buffer): Promise<Graded> {
  const started = Date.now()
  const judgement = await judgePatch(services, task, patch).catch((error: unknown) => {
    if (!(error instanceof Fault)) throw error
    return faultOf(task, error)
  })
  const seconds = (Date.now() - started) / 1000
  const { verdict, result, testSeconds } = judgement
  const reward = rewardOf(verdict)
  const id = await keepingLog(services.blobs, judgement.log, (log) =>
    store(services.db, task, {
      installationId: task.installationId,
      taskId: task.id,
      contentHash: task.contentHash,
      patchDigest: patchDigest(patch),
      patch,
      root: task.environment.root,
      state: 'done',
      ...{ attempts: 1, verdict, reward, result, log, seconds, testSeconds },
      startedAt: new Date(started),
      endedAt: new Date(),
    }),
  )
  return { id, verdict, reward, result, seconds, testSeconds }
}

/** What a fault comes to in the end. */
export function faultOf(task: FullTask, error: unknown): Judgement {
  return { verdict: 'fault', ...untested(task, `${faultKind(error)}: ${messageOf(error)}`) }
}

/** Puts what a run printed into the blobs, and gives its digest to `work`, which stores the row that names it. */
export async function keepingLog<T>(blobs: Blobs, log: Buffer, work: (log: Digest | null) => Promise<T>): Promise<T> {
  if (log.length === 0) return work(null)
  const { digest } = await blobs.put(log)
  const result = await work(digest)
  // An erasure may have removed the same bytes of another between the two.
  if (!(await blobs.has(digest))) await blobs.put(log)
  return result
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

/**
 * Judges a candidate patch: applies it to the snapshot, puts the tests of the after-state back, builds and runs, and compares. The
 * verdict is `fault` where the fix ended as badly in the same place; throws `Fault` where the machine failed, and on an abort.
 */
export function judgePatch(services: GradeServices, task: FullTask, patch: Buffer): Promise<Judgement> {
  return services.withMirror(task, async (shared) => {
    const mirror = await openQuarantine(shared)
    try {
      return await judgeIn(services, task, patch, mirror)
    } finally {
      await mirror.close()
    }
  })
}

async function judgeIn(services: GradeServices, task: FullTask, patch: Buffer, mirror: Mirror): Promise<Judgement> {
  const applied = await applyAndCompare(mirror, task.snapshot.baseTree, patch, task.snapshot.afterTree)
  if ('rejected' in applied) {
    return { verdict: 'patch-rejected', ...untested(task, applied.rejected) }
  }
  const unfit = await unfitFiles(mirror, { patch, ...applied })
  if (unfit !== null) return { verdict: 'patch-rejected', ...untested(task, unfit) }
  const out = await outwardLinks(mirror, { ...task.snapshot, patch, tree: applied.tree })
  if (out.length > 0) {
    const detail = `links lead out of the tree: ${out.slice(0, 10).join(', ')}`
    return { verdict: 'patch-rejected', ...untested(task, detail) }
  }
  const restored = await restoreTests({
    mirror,
    ...task.snapshot,
    candidateTree: applied.tree,
    fromAfter: applied.changes,
  })
  return services.withEnvironment(task, mirror, (held) => runAndCompare(task, held, restored.tree))
}

function untested(task: FullTask, detail: string): Omit<Judgement, 'verdict'> {
  return { result: { ...tally(new Map(), task), run: null, detail }, log: Buffer.alloc(0), testSeconds: 0 }
}
