import type { Blobs } from '../blobs/types.ts'
import { isDatabaseAway } from '../db/away.ts'
import type { Db } from '../db/connect.ts'
import { Fault, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { FullTask } from '../query/tasks.ts'
import type { JobContext } from '../queue/types.ts'
import { type Claimed, claimGrade, finishGrade, putBackGrade, type Warmth } from './claim.ts'
import { faultOf, type Judgement, keepingLog } from './grade.ts'
import { rewardOf } from './judge.ts'

/** What a worker grades with. */
export interface GradeBench {
  readonly db: Db
  readonly blobs: Blobs
  /** What this machine is called. */
  readonly machine: string
  readonly log: Log
  warmth(): Promise<Warmth>
  /** Null where it is not there any more. */
  task(id: number): Promise<FullTask | null>
  /** As `judgePatch`, with what is kept ready of the task. */
  judge(task: FullTask, patch: Buffer, signal: AbortSignal): Promise<Judgement>
  /** Lets go of what is kept ready of a task: something of it may be broken. */
  cool(taskId: number): Promise<void>
}

/** A grade that so many workers began with and none ended: it may be what kills them. */
const MOST_ATTEMPTS = 60

/** Does one grade. A fault is thrown, so that the queue tries again, until the last attempt: then it is what the grade comes to. */
export async function workOffGrade(bench: GradeBench, context: JobContext): Promise<void> {
  const claimed = await claimGrade(bench.db, context.id, bench.machine, await bench.warmth())
  if (claimed === null) return
  const started = Date.now()
  try {
    const last = context.lastAttempt || claimed.attempt >= MOST_ATTEMPTS
    const judged = await judgeClaimed(bench, claimed, context.signal, last)
    // Without its task, which was erased, the grade has ended, too.
    if (judged !== null) await finish(bench, claimed, judged, (Date.now() - started) / 1000)
  } catch (error) {
    await bench.cool(claimed.taskId)
    // A database that is away is not told: the job finds the grade in its hand when it comes again.
    await putBackGrade(bench.db, claimed).catch((failed: unknown) => {
      if (!isDatabaseAway(failed)) throw failed
    })
    throw error
  }
}

async function judgeClaimed(
  bench: GradeBench,
  claimed: Claimed,
  signal: AbortSignal,
  last: boolean,
): Promise<Judgement | null> {
  const task = await bench.task(claimed.taskId)
  if (task === null) return null
  try {
    const judgement = await bench.judge(task, claimed.patch, signal)
    if (judgement.verdict === 'fault' && !last) throw new Fault('run', judgement.result.detail ?? 'the run failed')
    return judgement
  } catch (error) {
    if (!last || signal.aborted || isDatabaseAway(error)) throw error
    bench.log.error({ grade: claimed.id, task: task.name, error: messageOf(error) }, 'a grade ends as a fault')
    return faultOf(task, error)
  }
}

async function finish(bench: GradeBench, claimed: Claimed, judgement: Judgement, seconds: number): Promise<void> {
  const { verdict, result, testSeconds } = judgement
  const stored = await keepingLog(bench.blobs, judgement.log, (log) =>
    finishGrade(bench.db, claimed, { verdict, reward: rewardOf(verdict), result, log, seconds, testSeconds }),
  )
  bench.log.info({ grade: claimed.id, verdict, seconds, stored }, 'graded')
}
