import { Fault } from '../../errors.ts'
import type { Finding } from '../../sandboxes/types.ts'
import { diagnose } from './doctor.ts'
import { bringUpToDate } from './migrate-database.ts'
import type { ServiceOptions, Services } from './services.ts'

/** Where the parts are put together: the only place that knows which sandbox, store and queue the configuration names. */
export function openServices({ config }: ServiceOptions): Services {
  const later = (): never => {
    throw new Fault('not-built', 'this command waits for its stages')
  }
  return {
    mine: later,
    tasks: later,
    task: later,
    candidates: later,
    checkout: later,
    grade: later,
    validate: later,
    exportTasks: later,
    deadJobs: later,
    retryJob: later,
    doctor: () => diagnose(config, async (): Promise<readonly Finding[]> => []),
    migrate: () => bringUpToDate(config),
  }
}
