import { readFileSync } from 'node:fs'

/** MiB of resident memory that a process had at its highest. */
export function peakMemory(pid: number | 'self'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024
}

/** Seconds of processor time that a process took so far, in all its threads. */
export function processorSeconds(pid: number): number {
  // After the name, which may hold anything: the third field and on; times are in hundredths of a second.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}
