import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

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
  const stat = procStat(pid)
  if (stat === null) return null
  // The command in parentheses may hold spaces and parentheses itself, so count from the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null)
}

function procStat(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return null
    throw error
  }
}

let host: string | null = null

function thisHost(): string {
  host ??= [
    hostname(),
    readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8),
    readlinkSync('/proc/self/ns/pid').replace(/\D/g, ''),
  ].join('/')
  return host
}
