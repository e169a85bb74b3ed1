import { runMake } from './make.ts'
import { runScript } from './scripts.ts'
import type { TaskRunner } from './task-runner.ts'

/** The task runners whose files are read, by program. */
const runners: Readonly<Record<string, TaskRunner>> = {
  make: runMake,
  gmake: runMake,
  bash: runScript,
  sh: runScript,
  dash: runScript,
  zsh: runScript,
  source: runScript,
  '.': runScript,
  eval: runScript,
}

/** Who reads what a program starts; null: it is an ordinary program. */
export function taskRunnerOf(program: string): TaskRunner | null {
  const known = Object.hasOwn(runners, program) ? runners[program] : undefined
  return known ?? (program.includes('/') ? runScript : null)
}
