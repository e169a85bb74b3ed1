import type { TreeReader } from '../model/index.ts'
import { isSpecial } from './nearest.ts'
import { seeThrough } from './see-through.ts'
import type { CiJob, SeenCommand } from './types.ts'

/** A job on Linux that starts tests, with all that its steps come to. */
export interface TestJob {
  readonly job: CiJob
  /** Every command, in order. */
  readonly commands: readonly SeenCommand[]
  /** Those that test. */
  readonly tests: readonly SeenCommand[]
}

/**
 * The jobs on Linux that start tests, the one nearest to the default first: run for every push, in no container, without services, of a plain
 * name, with most versions in its matrix. Refuses none: services are named in each job.
 */
export async function testJobs(
  tree: TreeReader,
  jobs: readonly CiJob[],
  isTest: (command: SeenCommand) => boolean,
): Promise<readonly TestJob[]> {
  const found: TestJob[] = []
  for (const job of jobs) {
    if (!job.linux) continue
    const runs = await Promise.all(job.runs.map((run) => seeThrough(tree, run, job.from)))
    const commands = runs.flat()
    const tests = commands.filter(isTest)
    if (tests.length > 0) found.push({ job, commands, tests })
  }
  return found.toSorted((a, b) => distance(a.job) - distance(b.job) || versions(b.job) - versions(a.job))
}

function distance(job: CiJob): number {
  const name = job.from.replace(/^.* job /, '')
  return (
    (job.everyPush ? 0 : 8) +
    (/test|unit|spec|check|build|ci\b|run/i.test(name) && !/bench|docs|lint|wheel|pgo|sdist/i.test(name) ? 0 : 1) +
    (job.container === null ? 0 : 4) +
    (isSpecial(name) ? 3 : 0) +
    (job.services.length === 0 ? 0 : 2)
  )
}

/** How many versions of anything the job sets up: the repository's main matrix has most. */
function versions(job: CiJob): number {
  const counts = job.setups.flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([name, values]) => (/version|toolchain/.test(name) ? [values.length] : [])),
  )
  return Math.max(0, ...counts)
}
