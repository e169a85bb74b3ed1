import type { Db } from '../../../db/connect.ts'
import { type GradeServices, grade } from '../../../grade/grade.ts'
import { withEnvironment } from '../../../pipeline/environments.ts'
import { openTaskMirror } from '../../../pipeline/task-mirrors.ts'
import type { Workshop } from '../../../pipeline/workshop.ts'
import { defaultLimits } from '../../../pipeline.ts'
import type { FullTask } from '../../../query/tasks.ts'
import { withMachine } from '../../machine.ts'
import type { GradeLine } from '../lines.ts'
import type { ServiceOptions } from '../services.ts'
import { needTask } from './tasks.ts'

/** Grades go before mining on a machine that does both. */
const gradePriority = 100

/** A grade's run may take so much longer than the task's own after-run, and never less than a minute. */
const slower = 3

export async function gradePatch(
  { config }: ServiceOptions,
  id: string,
  patch: Buffer,
  signal: AbortSignal,
): Promise<GradeLine> {
  return withMachine(config, 1, async ({ database, workshop }) => {
    const task = await needTask(database.db, id)
    const graded = await grade(gradeServices(workshop, database.db, task, signal), task, patch)
    const { failToPass, passToPass, run, detail } = graded.result
    return {
      task: task.name,
      verdict: graded.verdict,
      reward: graded.reward,
      fail_to_pass: failToPass,
      pass_to_pass: passToPass,
      run,
      ...(detail === null ? {} : { detail }),
      grade: graded.id,
    }
  })
}

export function gradeServices(workshop: Workshop, db: Db, task: FullTask, signal: AbortSignal): GradeServices {
  const seconds = Math.min(defaultLimits.runSeconds, Math.max(60, task.afterSeconds * slower + 30))
  // As many cores as the runs that made the task's lists had.
  const holders = { ...workshop.holders, coresPerRun: Math.min(task.cores, workshop.cores.total) }
  return {
    db,
    blobs: workshop.blobs,
    withMirror: async (of, work) => work(await openTaskMirror(workshop.mirrors, workshop.sources, db, of)),
    withEnvironment: (of, mirror, work) =>
      withEnvironment(
        holders,
        {
          mirror,
          baseTree: of.snapshot.baseTree,
          tag: of.snapshot.tag,
          strategy: of.strategy,
          environment: of.environment,
          limits: { seconds, memoryMiB: defaultLimits.memoryMiB },
          priority: gradePriority,
          signal,
        },
        work,
      ),
  }
}
