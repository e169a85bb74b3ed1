import type { Cause } from './ending.ts'

export interface Watched {
  readonly seconds: number
  readonly signal: AbortSignal | undefined
  memory(): boolean
  disk(): Promise<'fine' | 'exceeded' | 'host-full'>
  kill(): void
}

export interface Watchdog {
  /** The first limit that was passed, with one last look at the disk when all is over. */
  cause(): Promise<Cause | null>
  /** Kills the run for a failure of ours, which `cause` then throws. */
  fail(error: unknown): void
  stop(): void
}

const everyMs = 100

/** Kills a run at the first limit it passes: time, memory, disk, or the caller's own will. */
export function startWatchdog(watched: Watched): Watchdog {
  let cause: Cause | null = null
  let failure: unknown = null
  let looking = Promise.resolve()
  const end = (why: Cause) => {
    cause ??= why
    watched.kill()
  }
  const fail = (error: unknown) => {
    failure ??= error
    watched.kill()
  }
  const look = async () => {
    if (watched.memory()) return end('out-of-memory')
    const found = await watched.disk()
    if (found !== 'fine') end(found === 'exceeded' ? 'disk-full' : 'host-disk-full')
  }
  let resting = true
  const tick = () => {
    if (!resting) return
    resting = false
    looking = look()
      .catch(fail)
      .finally(() => {
        resting = true
      })
  }
  const abort = () => end('killed')
  const ticks = setInterval(tick, everyMs)
  const deadline = setTimeout(() => end('timed-out'), watched.seconds * 1000)
  watched.signal?.addEventListener('abort', abort, { once: true })
  if (watched.signal?.aborted === true) abort()
  return {
    async cause() {
      await looking
      if (cause === null && failure === null) await look()
      if (failure !== null) throw failure
      return cause
    },
    fail,
    stop() {
      clearInterval(ticks)
      clearTimeout(deadline)
      watched.signal?.removeEventListener('abort', abort)
    },
  }
}
