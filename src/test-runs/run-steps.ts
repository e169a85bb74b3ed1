import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '../errors.ts'
import type { Command } from '../model/index.ts'
import type { Sandbox, SandboxMount, SandboxResult, SandboxSpec } from '../sandboxes/types.ts'
import { upperOf } from '../sandboxes/upper.ts'
import type { RunLog } from './run-log.ts'
import type { RunRequest } from './types.ts'

export interface TestRunner {
  readonly sandbox: Sandbox
  /** Host folder of the reporters, mounted read-only at /quarry/reporters. */
  readonly reporters: string
  /** Host path of the script that puts a changes folder on the snapshot. */
  readonly applyScript: string
  /** The node that runs it, and reporters that are no part of what they report on; mounted read-only at /quarry/node. */
  readonly node: string
}

export type Stopped = Exclude<SandboxResult['ended'], 'exited'>

/** A run under way. */
export interface Progress {
  readonly runner: TestRunner
  readonly request: RunRequest
  readonly scratch: string
  readonly cores: readonly number[]
  readonly log: RunLog
  readonly deadline: number
  peakMib: number
}

/** Puts a run's state on the snapshot. Throws Fault where the machine is to blame. */
export async function applyChanges(progress: Progress): Promise<void> {
  const { request, runner } = progress
  if (request.changes === null) return
  if (!request.changes.deletes) {
    // Nothing has to be hidden: the files are the first that the overlay's upper folder holds.
    await rename(join(request.changes.folder, 'files'), upperOf(progress.scratch))
    return
  }
  const result = await execute(
    progress,
    {
      argv: ['/quarry/node', '/quarry/apply-changes.cjs', '/quarry/changes', '/testbed'],
      directory: '.',
      variables: {},
    },
    [
      { source: runner.node, target: '/quarry/node', writable: false },
      { source: runner.applyScript, target: '/quarry/apply-changes.cjs', writable: false },
      { source: request.changes.folder, target: '/quarry/changes', writable: false },
    ],
  )
  if (result.ended === 'disk-full') throw new Fault('disk-full', 'no room to put a state on the snapshot')
  if (result.ended !== 'exited' || result.exitCode !== 0) {
    throw new Fault('sandbox', `a state could not be put on the snapshot: ${result.stderr.toString().slice(0, 2000)}`)
  }
}

/** The strategy's builds, one after the other. One that fails does not end the run; one that had to be stopped does. */
export async function runBuilds(
  progress: Progress,
): Promise<{ failed: { command: string; exitCode: number | null } | null; stopped: Stopped | null }> {
  let failed: { command: string; exitCode: number | null } | null = null
  for (const command of progress.request.environment.strategy.build) {
    const result = await execute(progress, command, [])
    if (result.ended !== 'exited') return { failed, stopped: result.ended }
    if (result.exitCode !== 0) failed ??= { command: command.argv.join(' '), exitCode: result.exitCode }
  }
  return { failed, stopped: null }
}

/** One command of the run, in its sandbox. */
export async function execute(
  progress: Progress,
  command: Command,
  mounts: readonly SandboxMount[],
): Promise<SandboxResult> {
  const { request, runner } = progress
  const { strategy } = request.environment
  const spec: SandboxSpec = {
    layers: [...(request.built === null ? [] : [request.built]), request.base, ...request.environment.layers],
    scratch: progress.scratch,
    mounts: [...request.environment.mounts, ...mounts],
    argv: command.argv,
    directory: command.directory,
    variables: { ...strategy.variables, ...command.variables },
    limits: {
      seconds: Math.max(1, (progress.deadline - Date.now()) / 1000),
      memoryMiB: request.limits.memoryMiB,
      processes: 1024,
      fileMiB: 1024,
      diskMiB: 4096,
      outputMiB: 4,
      cores: progress.cores,
    },
    gateway: null,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  }
  const result = await runner.sandbox.run(spec)
  progress.peakMib = Math.max(progress.peakMib, result.peakMiB ?? 0)
  progress.log.add(command, result)
  request.signal?.throwIfAborted()
  return result
}
