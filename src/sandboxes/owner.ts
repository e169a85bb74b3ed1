import { bootName, pidNamespace, statOf } from '../proc.ts'

/**
 * Names the process that a scratch folder, control group or sandbox belongs to, so that another process can tell
 * whether it still lives: `<boot>-<pid namespace>-<pid>-<start time>`.
 */
export function ownerName(): string {
  const stat = statOf(process.pid)
  return `${bootName()}-${pidNamespace()}-${process.pid}-${stat === null ? 0 : stat.startTime}`
}

const pattern = /^([0-9a-f]{8})-(\d+)-(\d+)-(\d+)$/

export function isOwnerName(name: string): boolean {
  return pattern.test(name)
}

/** A day without a run: what a process in another container, which we can't see, is given before it counts as dead. */
const foreignSilenceMs = 24 * 3600 * 1000

/** Whether the owner is dead, as far as can be told from here. `lastUsed`: when its folder last changed. */
export function ownerIsDead(name: string, lastUsed: Date): boolean {
  const [, boot, namespace, pid, start] = pattern.exec(name) ?? []
  if (boot === undefined) return false
  if (boot !== bootName()) return true
  if (namespace !== pidNamespace()) return Date.now() - lastUsed.getTime() > foreignSilenceMs
  const stat = statOf(Number(pid))
  return stat === null || stat.ended || String(stat.startTime) !== start
}
