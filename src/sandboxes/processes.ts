import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Every process of this machine that we can see, by number. */
export function allPids(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger)
}

/** The processes in the same pid namespace as `init`, `init` itself included. */
export function namespaceMembers(init: number): number[] {
  const namespace = namespaceOf(init)
  return namespace === null ? [] : allPids().filter((pid) => namespaceOf(pid) === namespace)
}

function namespaceOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`)
  } catch {
    return null // gone, or another user's: not one of the sandbox's
  }
}

/** The text of a file of the kernel's; null where it, or its process, is gone or not ours to look at. */
export function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

/** SIGKILL; a process that is already gone is no error. Whether it was there. */
export function killProcess(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (isCode(error, 'ESRCH')) return false
    throw error
  }
}

/** Waits until `ended()` holds, looking every few milliseconds. False after `milliseconds`. */
export async function waitUntil(ended: () => boolean, milliseconds: number): Promise<boolean> {
  const until = performance.now() + milliseconds
  for (let pause = 1; !ended(); pause = Math.min(pause * 2, 50)) {
    if (performance.now() > until) return false
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
  return true
}

/** Whether a thrown system error carries one of these codes (`ENOENT` …). */
export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
}
