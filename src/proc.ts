import { readFileSync, readlinkSync } from 'node:fs'

/** What tells one process from all others: pids come again, in another namespace even at the same time. */
export interface ProcessStat {
  /** Clock ticks after boot; with the pid it names a process for good. */
  readonly startTime: number
  /** A zombie, or gone in the next instant: it runs no more code. */
  readonly ended: boolean
}

/** Null where there is no such process. See proc_pid_stat(5). */
export function statOf(pid: number): ProcessStat | null {
  const text = statText(pid)
  if (text === null) return null
  // The command's name stands in brackets and may hold spaces and brackets itself: fields count from the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { startTime: Number(fields[19]), ended: fields[0] === 'Z' || fields[0] === 'X' }
}

function statText(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return null
    throw error
  }
}

/** Tells this boot of the machine from its other ones. */
export function bootName(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8)
}

/** The number of the namespace that this process's pids are of. */
export function pidNamespace(): string {
  return readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')
}
