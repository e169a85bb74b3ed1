import type { Answer } from '../exit-codes.ts'
import { printFunnel } from '../funnel.ts'
import { printGrade } from '../grade-text.ts'
import type { DecidedLine, GradeLine } from '../lines.ts'
import { everything, type MineRequest } from '../services.ts'
import type { Session } from '../session.ts'
import { printTask } from '../task-text.ts'
import type { SampleRepository } from './repository.ts'
import type { SamplePull } from './types.ts'

export interface Tour {
  readonly sample: SampleRepository
  readonly pulls: readonly SamplePull[]
  readonly concurrency: number
  /** The data folder, shown to the user. */
  readonly home: string
}

/** Mines the sample repository, shows what came of it, and grades two patches. The answer is `no` where one surprises. */
export async function showAround(session: Session, tour: Tour): Promise<Answer> {
  const decided = await mineSample(session, tour)
  const vetted = decided.find((line) => line.task !== null)
  if (vetted === undefined || vetted.task === null) return 'no'
  const task = await session.services.task(vetted.task)
  printTask(session.output, task)
  const fix = await gradeAloud(session, task.task, 'its own fix', task.fix_patch)
  const empty = await gradeAloud(session, task.task, 'an empty patch', '')
  sayWhatNext(session, tour, task.task)
  return fix.reward === 1 && empty.reward === 0 ? 'done' : 'no'
}

async function mineSample(
  { output, progress, services, signal }: Session,
  tour: Tour,
): Promise<readonly DecidedLine[]> {
  const lines: DecidedLine[] = []
  const decided = (line: DecidedLine): void => {
    lines.push(line)
    progress.step(`#${line.pull} ${line.state}${line.reason === null ? '' : `: ${line.reason}`}`)
  }
  output.text(`Mining ${tour.pulls.length} pulls of the sample repository ${tour.sample.path}`)
  const summary = await services.mine(requestFor(tour), { decided, progress, signal })
  progress.end()
  output.heading('What became of each pull')
  output.table(
    ['pull', 'title', 'outcome'],
    tour.pulls.map(({ number, title }) => [`#${number}`, title, outcomeOf(lines.find((line) => line.pull === number))]),
  )
  printFunnel(output, summary)
  return lines.toSorted((a, b) => a.pull - b.pull)
}

function requestFor({ sample, concurrency }: Tour): MineRequest {
  return {
    ...everything,
    repository: sample.path,
    name: 'acme/shop',
    pullsFile: sample.pullsFile,
    concurrency,
  }
}

function outcomeOf(line: DecidedLine | undefined): string {
  if (line === undefined) return 'not a candidate'
  if (line.task === null) return line.reason ?? line.state
  const flaky = line.flaky?.length ?? 0
  return flaky === 0 ? `task ${line.task}` : `task ${line.task} (${flaky} flaky test left out)`
}

async function gradeAloud(
  { output, services, signal }: Session,
  task: string,
  what: string,
  patch: string,
): Promise<GradeLine> {
  output.heading(`Grading ${what}`)
  const grade = await services.grade(task, Buffer.from(patch), signal)
  printGrade(output, grade)
  return grade
}

function sayWhatNext({ output }: Session, { home }: Tour, task: string): void {
  output.heading('What to do next')
  output.text(
    `  export QUARRY_HOME=${home}   to look at what the demo made:`,
    '  npx quarry tasks',
    '  npx quarry candidates                 why the other pulls were refused',
    `  npx quarry checkout ${task} DIR   the snapshot as an agent gets it`,
    '',
    '  npx quarry mine PATH-OR-GIT-URL       mine a repository of your own',
    '  npx quarry doctor                     what this machine has and lacks',
  )
}
