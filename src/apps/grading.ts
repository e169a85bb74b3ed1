import { hostname } from 'node:os'
import type { Db } from '../db/connect.ts'
import { type GradeServices, judgePatch } from '../grade/grade.ts'
import { GRADE_PRIORITY, gradeSeconds } from '../grade/limits.ts'
import { assertSystem } from '../grade/system.ts'
import type { GradeBench } from '../grade/work.ts'
import type { Log } from '../log.ts'
import type { RunTerms } from '../pipeline/environments.ts'
import { withEnvironment } from '../pipeline/environments.ts'
import { openTaskMirror } from '../pipeline/task-mirrors.ts'
import type { Workshop } from '../pipeline/workshop.ts'
import { defaultLimits } from '../pipeline.ts'
import type { FullTask } from '../query/tasks.ts'

/** How the runs of a task's grades go. */
function termsOf(workshop: Workshop, task: FullTask, signal: AbortSignal): Omit<RunTerms, 'mirror'> {
  return {
    limits: { seconds: gradeSeconds(task, defaultLimits.runSeconds), memoryMiB: defaultLimits.memoryMiB },
    // As many cores as the runs that made the task's lists had.
    coresPerRun: Math.min(task.cores, workshop.cores.total),
    priority: GRADE_PRIORITY,
    signal,
  }
}

/** What one task is graded with by a process that does no more. Throws UserError where its environment was made on another system. */
export function gradeServices(workshop: Workshop, db: Db, task: FullTask, signal: AbortSignal): GradeServices {
  assertSystem(workshop.root, task)
  const terms = termsOf(workshop, task, signal)
  const { strategy, environment, snapshot } = task
  const { baseTree, tag } = snapshot
  return {
    db,
    blobs: workshop.blobs,
    withMirror: async (of, work) => work(await openTaskMirror(workshop.mirrors, workshop.sources, db, of)),
    withEnvironment: (_, mirror, work) =>
      withEnvironment(
        { ...workshop.holders, coresPerRun: terms.coresPerRun },
        { ...terms, mirror, baseTree, tag, strategy, environment },
        work,
      ),
  }
}

/** What a worker grades with: tasks stay ready from one grade to the next. */
export function gradeBench(workshop: Workshop, log: Log): GradeBench {
  const { warm, holders, blobs } = workshop
  const { db } = workshop.database
  return {
    db,
    blobs,
    log,
    machine: hostname(),
    warmth: async () => ({ root: workshop.root, tasks: warm.ids(), layers: await holders.layers.unpacked() }),
    task: (id) => warm.task(id),
    cool: (id) => warm.forget(id),
    judge: (task, patch, signal) => judgePatch(warmServices(workshop, task, signal), task, patch),
  }
}

function warmServices(workshop: Workshop, task: FullTask, signal: AbortSignal): GradeServices {
  const { warm, blobs } = workshop
  const terms = termsOf(workshop, task, signal)
  return {
    db: workshop.database.db,
    blobs,
    withMirror: async (of, work) => work(await warm.mirror(of)),
    withEnvironment: (of, mirror, work) =>
      warm.use(of, ({ place }) => work(place.environment({ ...terms, mirror, once: true, keepBuilds: true }))),
  }
}
