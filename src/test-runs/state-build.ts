import { rename } from 'node:fs/promises'
import type { Command, Strategy } from '../model/index.ts'
import { upperOf } from '../sandboxes/upper.ts'
import { RunLog } from './run-log.ts'
import { applyChanges, execute, type Progress, runBuilds, type TestRunner } from './run-steps.ts'
import type { RunRequest } from './types.ts'

/** The terms of a run, without what only tests need. */
export type StateBuildRequest = Omit<RunRequest, 'built' | 'selection' | 'watchBuilds' | 'builds'>

/**
 * Puts a state on the snapshot, runs the strategy's builds on it, compiles what its tests are made of (`compileAhead`), and leaves all that was
 * written in `folder`, to be laid on top of the snapshot in many runs of this very state. False where a build failed or had to be stopped:
 * each run then builds for itself. What does not compile ahead is left to the runs as well.
 */
export async function buildState(runner: TestRunner, request: StateBuildRequest, folder: string): Promise<boolean> {
  const scratch = await runner.sandbox.scratch()
  try {
    const isBuilt = await request.onCores((cores) =>
      runAll({
        ...{ runner, scratch, cores, log: new RunLog(), peakMib: 0 },
        request: { ...request, built: null, selection: null, watchBuilds: false },
        deadline: Date.now() + request.limits.seconds * 1000,
      }),
    )
    if (isBuilt) await rename(upperOf(scratch), folder)
    return isBuilt
  } finally {
    await runner.sandbox.discard(scratch)
  }
}

async function runAll(progress: Progress): Promise<boolean> {
  await applyChanges(progress)
  const { failed, stopped } = await runBuilds(progress)
  if (failed !== null || stopped !== null) return false
  for (const command of compileAhead(progress.request.environment.strategy)) {
    const { ended, exitCode } = await execute(progress, command, [])
    // Above 128 a shell tells of a signal: files may be half written.
    if (ended !== 'exited' || exitCode === null || exitCode > 128) return false
  }
  return true
}

/** The commands that compile what a state's tests are made of, where the strategy has any. */
export function compileAhead({
  prebuild = [],
  compile = prebuild,
}: Pick<Strategy, 'prebuild' | 'compile'>): readonly Command[] {
  return compile
}
