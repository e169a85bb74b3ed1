import { roleOf } from './programs.ts'
import { expandText, programsIn, type Step } from './scripts.ts'
import type { NodeCiJob } from './workflows.ts'
import type { Package } from './workspaces.ts'

/** A job that runs tests, with its steps expanded. */
export interface CiTestJob {
  readonly job: NodeCiJob
  readonly steps: readonly Step[]
  /** It starts a build of its own before the first test. */
  readonly buildsFirst: boolean
}

/** The jobs on Linux that start a test program, the one with most Node versions first: that is the repository's main matrix. */
export function ciTestJobs(jobs: readonly NodeCiJob[], packages: readonly Package[]): readonly CiTestJob[] {
  const found = jobs.flatMap((job) => {
    if (!job.linux) return []
    const steps = job.runs.flatMap((run) => expandRun(packages, run, job.from))
    const roles = steps.flatMap(programsIn).map((program) => roleOf(program.invocation))
    const first = roles.indexOf('test')
    return first === -1 ? [] : [{ job, steps, buildsFirst: roles.slice(0, first).includes('build') }]
  })
  return found.sort((a, b) => b.job.nodes.length - a.job.nodes.length)
}

function expandRun(packages: readonly Package[], run: NodeCiJob['runs'][number], from: string): readonly Step[] {
  const here = packages.find((each) => each.directory === run.directory)
  return here === undefined ? [] : expandText(packages, here, run.text, from, run.variables)
}
