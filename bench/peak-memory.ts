import { readFileSync } from 'node:fs'

/** MiB of resident memory that a process had at its highest. */
export function peakMemory(pid: number | 'self'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024
}
