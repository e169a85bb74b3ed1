import { registerCandidates } from './candidates.ts'
import { registerCheckout } from './checkout.ts'
import { registerDoctor } from './doctor.ts'
import { registerExport } from './export.ts'
import { registerForget } from './forget.ts'
import { registerGrade } from './grade.ts'
import { registerJobs } from './jobs.ts'
import { registerLease } from './lease.ts'
import { registerMigrate } from './migrate.ts'
import { registerMine } from './mine.ts'
import { registerNightly } from './nightly.ts'
import { registerOutcome } from './outcome.ts'
import { registerServe } from './serve.ts'
import { registerServings } from './servings.ts'
import { registerSuspects } from './suspects.ts'
import { registerTask } from './task.ts'
import { registerTasks } from './tasks.ts'
import { registerToken } from './token.ts'
import type { Register } from './types.ts'
import { registerValidate } from './validate.ts'
import { registerWorker } from './worker.ts'

/** In the order of the help. */
export const commands: readonly Register[] = [
  registerMine,
  registerTasks,
  registerTask,
  registerCandidates,
  registerCheckout,
  registerGrade,
  registerValidate,
  registerExport,
  registerLease,
  registerOutcome,
  registerSuspects,
  registerServe,
  registerWorker,
  registerNightly,
  registerJobs,
  registerForget,
  registerToken,
  registerServings,
  registerDoctor,
  registerMigrate,
]
