import { grade } from '../../../grade/grade.ts'
import { gradeServices } from '../../grading.ts'
import { withMachine } from '../../machine.ts'
import type { GradeLine } from '../lines.ts'
import type { ServiceOptions } from '../services.ts'
import { needTask } from './tasks.ts'

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
