import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { z } from 'zod'
import { Fault } from '../errors.ts'
import { STATUS_FD } from './bubblewrap-arguments.ts'
import type { ControlGroup } from './control-groups.ts'
import type { HostIdentity } from './identity.ts'
import { isCode } from './processes.ts'
import { systemPath } from './system-tools.ts'
import type { SandboxLimits } from './types.ts'

/** One run, with all that it needs made. */
export interface Launch {
  readonly folder: string
  /** Host folders that count against the disk limit. */
  readonly written: readonly string[]
  /** bubblewrap's arguments and the command. */
  readonly argv: readonly string[]
  readonly limits: SandboxLimits
  readonly identity: HostIdentity
  readonly group: ControlGroup
  /** Stands in the environment of the launcher and of bubblewrap, never of the command: `sweep` looks for it. */
  readonly owner: string
  /** Limit on open files, the same for every run of this machine. */
  readonly openFiles: number
  readonly signal: AbortSignal | undefined
}

export const ownerVariable = 'QUARRY_SANDBOX_OWNER'

const script = readFileSync(path.join(import.meta.dirname, 'bubblewrap-launch.sh'), 'utf8')

/**
 * Starts the chain of programs that each become the next, so that there is one process to watch and to kill:
 * unshare (a mount namespace; for an ordinary user inside a user namespace where it may mount), the launcher's shell,
 * taskset, setpriv (away from root; a death signal for when Quarry dies) and bubblewrap.
 */
export function startLaunch(launch: Launch, stdout: number, stderr: number): ChildProcess {
  const { identity, limits } = launch
  const unshare = ['--mount', '--propagation', 'private', ...(identity.root ? [] : ['--user', '--map-root-user'])]
  // With a socket for its input, bash takes itself for a login over the network and reads the user's files.
  const shell = [
    'bash',
    '--norc',
    '-c',
    script,
    'bubblewrap-launch',
    String(limits.fileMiB * 1024),
    String(launch.openFiles),
  ]
  const affinity = limits.cores.length > 0 ? ['taskset', '--cpu-list', limits.cores.join(',')] : []
  const user = identity.root ? ['--reuid', String(identity.uid), '--regid', String(identity.gid), '--clear-groups'] : []
  const drop = ['setpriv', ...user, '--pdeathsig', 'KILL']
  return spawn('unshare', [...unshare, '--', ...shell, ...affinity, ...drop, 'bwrap', ...launch.argv], {
    cwd: launch.folder,
    env: { PATH: systemPath, [ownerVariable]: launch.owner, LC_ALL: 'C' },
    stdio: ['pipe', stdout, stderr, 'pipe'],
    // Its own session: an interrupt at the terminal reaches Quarry alone, which ends its sandboxes itself.
    detached: true,
  })
}

/**
 * Puts the chain into its control groups and lets it go on to the command. Joining a group takes the kernel some
 * milliseconds of waiting, in which the chain makes its mounts. Throws Fault('sandbox').
 */
export async function letGo(child: ChildProcess, joins: readonly string[]): Promise<void> {
  const input = child.stdin
  if (child.pid === undefined || input === null) return // it never started: `closing` says why
  // Where it ended early, writing to it fails; how it ended is told elsewhere.
  input.on('error', () => input.destroy())
  const pid = String(child.pid)
  try {
    await Promise.all(joins.map((file) => writeFile(file, pid)))
  } catch (cause) {
    if (isCode(cause, 'ESRCH')) return
    throw new Fault('sandbox', 'The sandbox can not join its control groups.', { cause })
  }
  input.end('go\n')
}

/** What bubblewrap reports on. Throws Fault('sandbox') where it was never made, as the start failed. */
export function statusPipe(child: ChildProcess): Readable {
  const stream = child.stdio[STATUS_FD]
  if (stream instanceof Readable) return stream
  throw new Fault('sandbox', 'The sandbox has no pipe to report on.')
}

/** How the chain's process ended; it is left when its pipes are closed too. */
export async function closing(child: ChildProcess): Promise<{ code: number | null; signal: string | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new Fault('sandbox', 'unshare (util-linux) can not be started.', { cause })))
    child.once('close', (code, signal) => resolve({ code, signal }))
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
