import { runHatch, runHatchScript } from './hatch.ts'
import { runJust } from './just.ts'
import { runMake } from './make.ts'
import { runNox } from './nox.ts'
import { runRake } from './rake.ts'
import { runScript } from './scripts.ts'
import type { TaskRunner } from './task-runner.ts'
import { runTableTask, runWrapped } from './task-tables.ts'
import { runTox } from './tox.ts'

/** The task runners whose files are read, by program. */
const runners: Readonly<Record<string, TaskRunner>> = {
  make: runMake,
  gmake: runMake,
  rake: runRake,
  bash: runScript,
  sh: runScript,
  dash: runScript,
  zsh: runScript,
  source: runScript,
  '.': runScript,
  eval: runScript,
  just: runJust,
  tox: runTox,
  nox: runNox,
  hatch: runHatch,
  pdm: runTableTask,
  poe: runTableTask,
  poetry: runTableTask,
  task: runTableTask,
}

/** Those that start whatever stands behind their `run`, unless they have a task of that name. */
const wrappers: Readonly<Record<string, TaskRunner>> = {
  hatch: runHatchScript,
  pdm: runWrapped,
  rye: runWrapped,
  pixi: runWrapped,
  pipenv: runWrapped,
}

/** Who may read what a program starts, in the order to ask them; empty: it is an ordinary program. */
export function taskRunnersOf(program: string, wrapper: string | null): readonly TaskRunner[] {
  const outer = wrapper !== null && Object.hasOwn(wrappers, wrapper) ? wrappers[wrapper] : undefined
  const own = Object.hasOwn(runners, program) ? runners[program] : program.includes('/') ? runScript : undefined
  return [outer, own].filter((runner) => runner !== undefined)
}
