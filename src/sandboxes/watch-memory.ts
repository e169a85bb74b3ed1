import type { ControlGroup } from './control-groups.ts'
import { namespaceMembers, readProc } from './processes.ts'

const mib = 1024 * 1024

/** Looks at what a run uses. `exceeded`: it must be ended. */
export interface MemoryWatch {
  exceeded(init: number | null): boolean
  peakMiB(): number | null
}

/** The kernel holds the limit; v1 ends one process only, so that the rest has to be ended here. */
export function groupMemory(group: ControlGroup): MemoryWatch {
  return {
    exceeded: () => group.memoryKills() > 0,
    peakMiB() {
      const bytes = group.peakBytes()
      return bytes === null ? null : Math.ceil(bytes / mib)
    },
  }
}

/**
 * Without control groups: the memory of all processes of the sandbox's pid namespace that the kernel can't take back.
 * Pages that processes share count once for each at first; only above the limit they are told apart, which is slow.
 */
export function residentMemory(limitMiB: number): MemoryWatch {
  let peak = 0
  return {
    exceeded(init) {
      const pids = init === null ? [] : namespaceMembers(init)
      let kib = sum(pids, 'status', /^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm)
      if (kib / 1024 > limitMiB) kib = sum(pids, 'smaps_rollup', /^Pss_(?:Anon|Shmem):\s+(\d+) kB$/gm)
      peak = Math.max(peak, Math.ceil(kib / 1024))
      return peak > limitMiB
    },
    peakMiB: () => (peak === 0 ? null : peak),
  }
}

function sum(pids: readonly number[], file: string, pattern: RegExp): number {
  const texts = pids.map((pid) => readProc(`/proc/${pid}/${file}`) ?? '')
  return texts.flatMap((text) => [...text.matchAll(pattern)]).reduce((total, match) => total + Number(match[1]), 0)
}
