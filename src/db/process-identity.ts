import { hostname } from 'node:os'
import { bootName, pidNamespace, statOf } from '../proc.ts'

/** One process, told apart from a later one with the same pid. */
export interface ProcessIdentity {
  /** Host name, boot and pid namespace: within one such place a pid can be looked up. */
  readonly host: string
  readonly pid: number
  /** Clock ticks since boot at which the process started. */
  readonly processStart: string
}

/** The running process. */
export function thisProcess(): ProcessIdentity {
  const processStart = startOf(process.pid)
  if (processStart === null) throw new Error('/proc does not show this process')
  return { host: thisHost(), pid: process.pid, processStart }
}

/** True only where it is certain: a process of another machine, boot or container is never called dead. */
export function isDead(identity: ProcessIdentity): boolean {
  return identity.host === thisHost() && startOf(identity.pid) !== identity.processStart
}

/** When a process started, in ticks since boot; null where there is none, or only its unreaped remains. */
export function startOf(pid: number): string | null {
  const stat = statOf(pid)
  return stat === null || stat.ended ? null : String(stat.startTime)
}

let host: string | null = null

function thisHost(): string {
  host ??= [hostname(), bootName(), pidNamespace()].join('/')
  return host
}
