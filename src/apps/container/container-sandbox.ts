import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { Fault } from '../../errors.ts'
import { containerUser } from '../../export/harbor/settings.ts'
import { BASE_VARIABLES, QUARRY, TESTBED } from '../../sandboxes/addresses.ts'
import { captureOutput } from '../../sandboxes/captured-output.ts'
import type { Sandbox, SandboxResult, SandboxSpec } from '../../sandboxes/types.ts'
import { upperOf } from '../../sandboxes/upper.ts'
import { endProcessesOf } from './user-processes.ts'

/**
 * The container that we are in, as a sandbox: what is laid out at /testbed is run there, as the unprivileged user where we are
 * root. Network, memory and disk are the container's own to limit.
 */
export function openContainerSandbox(work: string): Sandbox {
  return {
    name: 'container',
    inspect: async () => [],
    async scratch() {
      await mkdir(work, { recursive: true, mode: 0o755 })
      const folder = await mkdtemp(join(work, 'run-'))
      await execa('chmod', ['755', folder])
      await mkdir(upperOf(folder))
      return folder
    },
    discard: (scratch) => rm(scratch, { recursive: true, force: true }),
    run,
    adopt,
    sweep: async () => ({ processes: 0, cgroups: 0, scratch: 0 }),
    close: async () => undefined,
  }
}

const isRoot = () => process.geteuid?.() === 0

/** Gives a folder and all in it to the unprivileged user, where we are another. */
export async function adopt(folder: string): Promise<void> {
  if (isRoot()) await execa('chown', ['-R', '-h', '-P', `${containerUser.id}:${containerUser.id}`, '--', folder])
}

async function run(spec: SandboxSpec): Promise<SandboxResult> {
  await placeMounts(spec)
  await emptyHome()
  const started = performance.now()
  const [program = '', ...given] = isRoot() ? [...asUser, ...spec.argv] : spec.argv
  const child = spawn(program, given, {
    cwd: join(TESTBED, spec.directory),
    env: { ...BASE_VARIABLES, HOME: containerUser.home, ...spec.variables },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const stdout = captureOutput(child.stdout, spec.limits.outputMiB * 1024 * 1024)
  const stderr = captureOutput(child.stderr, spec.limits.outputMiB * 1024 * 1024)
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    endAll(child.pid)
  }, spec.limits.seconds * 1000)
  const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', (cause) => reject(new Fault('sandbox', `${program} can't be started`, { cause })))
    child.once('exit', (code, by) => resolve([code, by]))
  }).finally(() => clearTimeout(timer))
  // What it left running would hold its output open, and reach into the next run.
  endAll(child.pid)
  await Promise.all([stdout.ended, stderr.ended])
  return {
    ended: timedOut ? 'timed-out' : 'exited',
    exitCode,
    signal,
    stdout: stdout.bytes(),
    stderr: stderr.bytes(),
    outputCut: stdout.cut() || stderr.cut(),
    seconds: (performance.now() - started) / 1000,
    peakMiB: null,
  }
}

const asUser = [
  'setpriv',
  ...[`--reuid=${containerUser.id}`, `--regid=${containerUser.id}`, '--clear-groups'],
  ...['--inh-caps=-all', '--no-new-privs', '--'],
]

/** A mount's target is a link to its source: we are the ones who may make it, and our folder is closed to the command. */
async function placeMounts({ mounts }: SandboxSpec): Promise<void> {
  for (const { source, target } of mounts) {
    if (!target.startsWith(`${QUARRY}/`) || source === target) continue
    await rm(target, { recursive: true, force: true })
    await symlink(source, target)
  }
}

async function emptyHome(): Promise<void> {
  await mkdir(containerUser.home, { recursive: true })
  for (const name of await readdir(containerUser.home))
    await rm(join(containerUser.home, name), { recursive: true, force: true })
  await adopt(containerUser.home)
}

function endAll(leader: number | undefined): void {
  if (isRoot()) endProcessesOf(containerUser.id)
  try {
    if (leader !== undefined) process.kill(-leader, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
