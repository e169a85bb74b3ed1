import type { Mirror } from '../git/index.ts'
import type { FullTask } from '../query/tasks.ts'
import type { HeldPlace } from './environments.ts'

/** A task that is ready to be run here. */
export interface ReadyTask {
  readonly mirror: Mirror
  readonly place: HeldPlace
}

/** Tasks kept ready between grades: their rows, mirrors looked through, layers unpacked and snapshots laid out. */
export interface WarmTasks {
  /** Those that are ready, or are being made so. */
  ids(): readonly number[]
  /** A task's row; null where it is gone. */
  task(id: number): Promise<FullTask | null>
  /** The mirror that has its trees. */
  mirror(task: FullTask): Promise<Mirror>
  /** Keeps a task ready while `work` goes on, and for a while after. */
  use<T>(task: FullTask, work: (ready: ReadyTask) => Promise<T>): Promise<T>
  /** Lets go of one, or of all: of what is in use as soon as it is not. */
  forget(id?: number): Promise<void>
  close(): Promise<void>
}

/** How one is made ready. */
export interface WarmSteps {
  find(id: number): Promise<FullTask | null>
  open(task: FullTask): Promise<Mirror>
  hold(task: FullTask, mirror: Mirror): Promise<HeldPlace>
}

interface Kept {
  readonly id: number
  readonly task: Promise<FullTask | null>
  mirror: Promise<Mirror> | null
  place: Promise<HeldPlace> | null
  users: number
  readonly madeAt: number
  usedAt: number
  dropped: boolean
}

/** Snapshots take disk, and a held layer can't make room for another. */
const MOST_KEPT = 4
const KEPT_MS = 5 * 60_000
/** Made anew after so long: a mirror is marked as in use when it is opened, and such a mark holds for a day. */
const OLDEST_MS = 3600_000

export function makeWarmTasks(steps: WarmSteps): WarmTasks {
  /** In the order of their last use. */
  const all = new Map<number, Kept>()

  const letGo = async (kept: Kept) => {
    kept.dropped = true
    if (all.get(kept.id) === kept) all.delete(kept.id)
    if (kept.users > 0) return
    const { place } = kept
    kept.place = null
    // One that could not be made was told to whoever wanted it.
    const made = await place?.catch(() => null)
    await made?.release()
  }
  const trim = async (most: number) => {
    const idle = [...all.values()].filter(({ users }) => users === 0)
    const old = idle.filter(({ usedAt }) => Date.now() - usedAt > KEPT_MS)
    const over = idle.slice(0, Math.max(0, all.size - most))
    for (const kept of new Set([...old, ...over])) if (kept.users === 0) await letGo(kept)
  }
  const keptOf = (id: number, found?: FullTask): Kept => {
    const fresh = (): Kept => ({
      ...{ id, task: found === undefined ? steps.find(id) : Promise.resolve(found) },
      ...{ mirror: null, place: null, users: 0, madeAt: Date.now(), usedAt: Date.now(), dropped: false },
    })
    const known = all.get(id)
    const kept = known === undefined || Date.now() - known.madeAt > OLDEST_MS ? fresh() : known
    if (known !== undefined && known !== kept) void letGo(known)
    all.delete(id)
    all.set(id, kept)
    return kept
  }
  const using = async <T>(kept: Kept, work: () => Promise<T>): Promise<T> => {
    kept.users += 1
    try {
      return await work()
    } catch (error) {
      // What failed may go well when it is made anew.
      await letGo(kept)
      throw error
    } finally {
      kept.users -= 1
      kept.usedAt = Date.now()
      if (kept.dropped) await letGo(kept)
      await trim(MOST_KEPT)
    }
  }
  const mirrorOf = (kept: Kept, task: FullTask) => {
    kept.mirror ??= steps.open(task)
    return kept.mirror
  }
  const timer = setInterval(() => void trim(MOST_KEPT), KEPT_MS / 5).unref()

  return {
    ids: () => [...all.keys()],
    task: (id) => {
      const kept = keptOf(id)
      return using(kept, () => kept.task)
    },
    mirror: (task) => {
      const kept = keptOf(task.id, task)
      return using(kept, () => mirrorOf(kept, task))
    },
    use: (task, work) => {
      const kept = keptOf(task.id, task)
      return using(kept, async () => {
        const mirror = await mirrorOf(kept, task)
        kept.place ??= steps.hold(task, mirror)
        return work({ mirror, place: await kept.place })
      })
    },
    async forget(id) {
      for (const kept of [...all.values()]) if (id === undefined || kept.id === id) await letGo(kept)
    },
    async close() {
      clearInterval(timer)
      for (const kept of [...all.values()]) await letGo(kept)
    },
  }
}
