import { endLauncher, isWaiting, keepsAlive, type Launcher } from './bubblewrap-launch.ts'

/** Launchers for runs, one of them started ahead of the run that will need it. */
export interface Standby {
  take(): Promise<Launcher>
  /** Starts one for the next run, unless one waits already. */
  prepare(): void
  /** Ends the one that waits; none is started any more. */
  close(): Promise<void>
}

/**
 * Starting a chain and putting it into its control groups takes longer than all that follows: so it is done while nobody
 * waits for it. `make` starts one with its folder and groups, `remove` takes those away.
 */
export function createStandby(make: () => Promise<Launcher>, remove: (launcher: Launcher) => Promise<void>): Standby {
  let waiting: Promise<Launcher | null> | null = null
  let closed = false

  const start = async () => {
    const launcher = await make()
    keepsAlive(launcher, false)
    return launcher
  }
  const last = async () => {
    const ready = waiting
    waiting = null
    const launcher = (await ready) ?? null
    if (launcher !== null) keepsAlive(launcher, true)
    return launcher
  }
  const end = async (launcher: Launcher) => {
    await endLauncher(launcher)
    await remove(launcher)
  }

  return {
    async take() {
      const launcher = await last()
      if (launcher === null) return make()
      if (isWaiting(launcher.child)) return launcher
      await end(launcher)
      return make()
    },
    prepare() {
      // What went wrong now may go right when it is needed, or is told then.
      if (!closed) waiting ??= start().catch(() => null)
    },
    async close() {
      closed = true
      const launcher = await last()
      if (launcher !== null) await end(launcher)
    },
  }
}
