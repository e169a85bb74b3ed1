export interface Watch {
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>
}

/** Does `work` every so often, never twice at once. What fails is met again the next time. */
export function repeatedly(everyMs: number, work: () => Promise<void>): Watch {
  let working: Promise<void> | null = null
  const timer = setInterval(() => {
    working ??= work()
      .catch(() => undefined)
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
