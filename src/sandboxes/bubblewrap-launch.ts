import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import path from 'node:path'
import { Readable } from 'node:stream'
import { z } from 'zod'
import { Fault } from '../errors.ts'
import { statOf } from '../proc.ts'
import { STATUS_FD } from './bubblewrap-arguments.ts'
import type { ControlGroup } from './control-groups.ts'
import type { HostIdentity } from './identity.ts'
import type { Pipe } from './pipes.ts'
import { isCode, killProcess } from './processes.ts'
import { systemPath } from './system-tools.ts'
import type { SandboxLimits } from './types.ts'

/** What a chain is started with, before it is known for which command. */
export interface LaunchGround {
  /** The run's own folder; filled before the chain goes on. */
  readonly folder: string
  readonly identity: HostIdentity
  /** Stands in the environment of the launcher and of bubblewrap, never of the command: `sweep` looks for it. */
  readonly owner: string
  readonly group: ControlGroup
  readonly stdout: Pipe
  readonly stderr: Pipe
}

/** A chain that stands before its last step and waits for a command. */
export interface Launcher extends LaunchGround {
  readonly child: ChildProcess
  /** Settles once it is in its control groups. Rejects with Fault('sandbox'). */
  readonly joined: Promise<void>
  /** How the chain's process ended, once its pipes are read to their ends too. Rejects with Fault('sandbox'). */
  readonly closed: Promise<{ readonly signal: string | null }>
}

/** What the chain becomes. */
export interface Launch {
  /** bubblewrap's arguments and the command. */
  readonly argv: readonly string[]
  readonly limits: SandboxLimits
  /** Limit on open files, the same for every run of this machine. */
  readonly openFiles: number
}

export const ownerVariable = 'QUARRY_SANDBOX_OWNER'

const script = readFileSync(path.join(import.meta.dirname, 'bubblewrap-launch.sh'), 'utf8')

/**
 * Starts the chain of programs that each become the next, so that there is one process to watch and to kill:
 * unshare (a mount namespace; for an ordinary user inside a user namespace where it may mount), the launcher's shell, which
 * waits, and then what `letGo` gives it. Joining a control group takes the kernel some milliseconds of waiting.
 */
export function startLauncher(ground: LaunchGround): Launcher {
  const { identity, stdout, stderr } = ground
  const unshare = ['--mount', '--propagation', 'private', ...(identity.root ? [] : ['--user', '--map-root-user'])]
  // With a socket for its input, bash takes itself for a login over the network and reads the user's files.
  const child = spawn('unshare', [...unshare, '--', 'bash', '--norc', '-c', script], {
    cwd: ground.folder,
    env: { PATH: systemPath, [ownerVariable]: ground.owner, LC_ALL: 'C' },
    stdio: ['pipe', stdout.input, stderr.input, 'pipe'],
    // Its own session: an interrupt at the terminal reaches Quarry alone, which ends its sandboxes itself.
    detached: true,
  })
  for (const pipe of [stdout, stderr]) pipe.closeInput()
  // Where it ended early, writing to it fails; how it ended is told elsewhere.
  child.stdin?.on('error', () => child.stdin?.destroy())
  const [joined, closed] = [join(child, ground.group.joins), closing(child)]
  // It may go wrong before anybody asks.
  for (const promise of [joined, closed]) promise.catch(() => undefined)
  return { ...ground, child, joined, closed }
}

/** Ends the chain, wherever it is, and gives back its pipes; its folder and groups stay. */
export async function endLauncher({ child, closed, stdout, stderr }: Launcher): Promise<void> {
  if (child.pid !== undefined && isWaiting(child)) killProcess(child.pid)
  statusPipe(child).resume()
  await closed.catch(() => undefined) // it never started: nothing is left
  for (const pipe of [stdout, stderr]) pipe.release()
}

/** Whether a program that has nothing else to do stays for this launcher. Where the program ends, so does the launcher. */
export function keepsAlive({ child, stdout, stderr }: Launcher, keeps: boolean): void {
  const sockets = [...child.stdio, stdout.output, stderr.output].filter((each) => each instanceof Socket)
  for (const each of [child, ...sockets]) {
    if (keeps) each.ref()
    else each.unref()
  }
}

/** Whether its process is still there. Asked of the kernel: Node hears of an end by turns. */
export function isWaiting({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null && statOf(pid)?.ended === false
}

async function join(child: ChildProcess, groups: readonly string[]): Promise<void> {
  if (child.pid === undefined) return // it never started: `closing` says why
  const pid = String(child.pid)
  try {
    await Promise.all(groups.map((file) => writeFile(file, pid)))
  } catch (cause) {
    if (isCode(cause, 'ESRCH')) return
    throw new Fault('sandbox', 'The sandbox can not join its control groups.', { cause })
  }
}

/**
 * Lets the chain go on once its folder is filled: taskset, setpriv (away from root; a death signal for when Quarry dies),
 * bubblewrap. Throws Fault('sandbox').
 */
export async function letGo({ child, folder, identity, joined }: Launcher, launch: Launch): Promise<void> {
  const { limits } = launch
  const affinity = limits.cores.length > 0 ? ['taskset', '--cpu-list', limits.cores.join(',')] : []
  const user = identity.root ? ['--reuid', String(identity.uid), '--regid', String(identity.gid), '--clear-groups'] : []
  const drop = ['setpriv', ...user, '--pdeathsig', 'KILL']
  const shellLimits = [String(limits.fileMiB * 1024), String(launch.openFiles)]
  const command = [...shellLimits, ...affinity, ...drop, 'bwrap', ...launch.argv]
  writeFileSync(path.join(folder, 'command'), command.map((word) => `${word}\0`).join(''))
  await joined
  child.stdin?.end('go\n')
}

/** What bubblewrap reports on. Throws Fault('sandbox') where it was never made, as the start failed. */
export function statusPipe(child: ChildProcess): Readable {
  const stream = child.stdio[STATUS_FD]
  if (stream instanceof Readable) return stream
  throw new Fault('sandbox', 'The sandbox has no pipe to report on.')
}

async function closing(child: ChildProcess): Promise<{ readonly signal: string | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new Fault('sandbox', 'unshare (util-linux) can not be started.', { cause })))
    child.once('close', (_, signal) => resolve({ signal }))
  })
}

const statusLine = z.object({ 'child-pid': z.int().optional(), 'exit-code': z.int().optional() })

export interface BubblewrapStatus {
  /** The sandbox's first process, as the host numbers it. */
  readonly init: number | null
  readonly exitCode: number | null
}

/** What bubblewrap wrote on its status descriptor so far: one JSON object a line. */
export function readStatus(text: string): BubblewrapStatus {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  const lines = whole
    .split('\n')
    .filter(Boolean)
    .map((line) => statusLine.parse(JSON.parse(line)))
  return {
    init: lines.find((line) => line['child-pid'] !== undefined)?.['child-pid'] ?? null,
    exitCode: lines.find((line) => line['exit-code'] !== undefined)?.['exit-code'] ?? null,
  }
}
