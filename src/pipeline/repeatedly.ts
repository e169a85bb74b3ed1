import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'

export interface Watch {
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>
}

/** Does `work` every so often, never twice at once. What fails is logged, and met again the next time. */
export function repeatedly(everyMs: number, log: Log, work: () => Promise<void>): Watch {
  let working: Promise<void> | null = null
  const timer = setInterval(() => {
    working ??= work()
      .catch((error: unknown) => log.warn({ error: messageOf(error) }, 'what is done regularly failed'))
      .finally(() => {
        working = null
      })
  }, everyMs).unref()
  return {
    stop: async () => {
      clearInterval(timer)
      await working
    },
  }
}
