import { allPids, killProcess, readProc } from '../../sandboxes/processes.ts'

/** Ends all processes of a user in this container, until none is left that could start another. */
export function endProcessesOf(user: number): void {
  for (let round = 0; round < 100; round += 1) {
    const running = allPids().filter((pid) => userOf(pid) === user && !isZombie(pid))
    if (running.length === 0) return
    for (const pid of running) killProcess(pid)
  }
}

function userOf(pid: number): number | null {
  const uid = /^Uid:\s+(\d+)/m.exec(readProc(`/proc/${pid}/status`) ?? '')?.[1]
  return uid === undefined ? null : Number(uid)
}

function isZombie(pid: number): boolean {
  return /^State:\s+[ZX]/m.test(readProc(`/proc/${pid}/status`) ?? 'State: X')
}
