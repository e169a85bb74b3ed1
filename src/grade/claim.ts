import { randomUUID } from 'node:crypto'
import { and, eq, isNull, ne, type SQL, sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/connect.ts'
import { tellGradeDone } from '../db/grade-channel.ts'
import { grades, tasks } from '../db/schema.ts'
import { dropWaitingJobs, isOpenJob, openJobsByPriority } from '../queue/open-jobs.ts'
import type { AddGradeJobs, GradeToDo } from './ask.ts'
import { laneOf } from './system.ts'

/** What a worker has at hand. */
export interface Warmth {
  /** Its system: it takes grades alone whose environments were made on the same. */
  readonly root: string
  /** It takes grades of these first. */
  /** Tasks whose snapshot lies ready. */
  readonly tasks: readonly number[]
  /** Layers that are unpacked on this machine. */
  readonly layers: readonly string[]
}

/** A grade in a worker's hand. */
export interface Claimed {
  readonly id: string
  readonly job: string
  /** Which claim of it this is: a later one takes it away from this. */
  readonly attempt: number
  readonly taskId: number
  readonly patch: Buffer
}

/** So much younger a grade may be than another, in seconds, and still go first, as the worker has all it needs at hand. */
export const PATIENCE_SECONDS = 60
/** A warm one is looked for among so many of the oldest. */
const HEAD = 400

type Stored = typeof grades.$inferInsert
export type Outcome = Pick<Stored, 'verdict' | 'reward' | 'result' | 'log' | 'seconds' | 'testSeconds'>

/**
 * The grade that a job does: the one it has in hand already, where whoever took the job before was killed or met a fault; else one that
 * waits for this system, such as is warm here first. Null where none waits: what another did for this job's grade, this job did for that one's.
 */
export async function claimGrade(db: Db, job: string, machine: string, warmth: Warmth): Promise<Claimed | null> {
  const own = await take(db, sql`${grades.job} = ${job} and ${grades.state} <> 'done'`, job, machine)
  if (own !== null) return own
  for (;;) {
    const claimed = await take(db, sql`${grades.id} = (${firstFor(warmth)})`, job, machine)
    if (claimed !== null) return claimed
    // What others are just taking is passed over; should one of them let go of it, nobody else would come for it.
    const { rows } = await db.execute(sql`select 1 from grades where ${waitsFor(warmth.root)} limit 1`)
    if (rows.length === 0) return null
  }
}

const waitsFor = (root: string) => sql`state = 'queued' and job is null and root = ${root}`

function firstFor({ root, tasks: warm, layers }: Warmth): SQL {
  const bonus = sql`case when g.task_id = any(${`{${warm.join(',')}}`}::bigint[]) then ${PATIENCE_SECONDS}
    when e.layer = any(${`{${layers.map((layer) => `"${layer}"`).join(',')}}`}::text[]) then ${PATIENCE_SECONDS / 2} else 0 end`
  return sql`select g.id from grades g join tasks t on t.id = g.task_id left join environments e on e.id = t.environment_id
    where g.state = 'queued' and g.job is null and g.id in (select id from grades where ${waitsFor(root)} order by queued_at limit ${HEAD})
    order by g.queued_at - make_interval(secs => ${bonus}), g.queued_at limit 1 for update of g skip locked`
}

async function take(db: Db, which: SQL, job: string, machine: string): Promise<Claimed | null> {
  const [row] = await db
    .update(grades)
    .set({ state: 'running', job, machine, attempts: sql`${grades.attempts} + 1`, startedAt: sql`now()` })
    .where(which)
    .returning({ id: grades.id, attempt: grades.attempts, taskId: grades.taskId, patch: grades.patch })
  return row === undefined ? null : { ...row, job }
}

/** It is still in this hand: neither another's, who was given the job meanwhile, nor ended by an erasure. */
const inHand = ({ id, job, attempt }: Claimed) =>
  and(eq(grades.id, id), eq(grades.state, 'running'), eq(grades.job, job), eq(grades.attempts, attempt))

/**
 * Ends a grade. False where it is not in this hand any more; then nothing is stored. A grade quotes its task's tests and
 * holds a patch on its source: none is stored once the task is erased, and an erasure that comes now finds it.
 */
export async function finishGrade(db: Db, claimed: Claimed, outcome: Outcome): Promise<boolean> {
  return db.transaction(async (tx) => {
    await tx
      .select({ id: tasks.id })
      .from(tasks)
      .where(and(eq(tasks.id, claimed.taskId), isNull(tasks.erasedAt)))
      .for('share')
    const ended = await tx
      .update(grades)
      .set({ ...outcome, state: 'done', shared: outcome.verdict !== 'fault', job: null, endedAt: sql`now()` })
      .where(inHand(claimed))
      .returning({ id: grades.id })
    if (ended.length > 0) await tellGradeDone(tx, claimed.id)
    return ended.length > 0
  })
}

/** Lets go of a grade that its job is to try again: nobody but that job takes it. */
export async function putBackGrade(db: Db, claimed: Claimed): Promise<void> {
  await db.update(grades).set({ state: 'queued' }).where(inHand(claimed))
}

/** One at a time looks. */
const LOCK = 7_101_006
/** What jobs had that were queued before there were lanes: no worker asks for them, and a grade in the hand of one would wait for ever. */
const NO_LANE = 0

/**
 * Sees to it that each grade that is not done has a job: those in the hand of a job that is no more (parked, since every process that
 * took it was killed) wait again, and jobs that were lost are added, each on the lane of its grade. Gives how many were added.
 */
export async function mendGrades(db: Db, addJobs: AddGradeJobs): Promise<number> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.execute<{ mine: boolean }>(sql`select pg_try_advisory_xact_lock(${LOCK}) as mine`)
    if (rows[0]?.mine !== true) return 0
    await dropWaitingJobs(tx, 'grade', NO_LANE)
    await tx
      .update(grades)
      .set({ state: 'queued', job: null })
      .where(and(ne(grades.state, 'done'), sql`${grades.job} is not null and not ${isOpenJob('grade', grades.job)}`))
    const lacking = await lackingJobs(tx)
    await addJobs(tx, lacking)
    return lacking.length
  })
}

async function lackingJobs(tx: Tx): Promise<GradeToDo[]> {
  const jobs = await openJobsByPriority(tx, 'grade')
  const { rows } = await tx.execute<{ root: string; undone: number }>(
    sql`select root, count(*)::int as undone from grades where state <> 'done' group by root`,
  )
  return rows.flatMap(({ root, undone }) =>
    Array.from({ length: Math.max(0, undone - (jobs.get(laneOf(root)) ?? 0)) }, () => ({ id: randomUUID(), root })),
  )
}
