import type { Writable } from 'node:stream'
import { exitCodes } from './exit-codes.ts'

export interface Interruption {
  readonly signal: AbortSignal
  /** Null while nothing interrupted the command; else the exit code that it ends with. */
  exitCode(): number | null
}

/** Giving jobs back takes a second; a database that is gone would keep an interrupted command for ever. */
const patienceMs = 20_000

/**
 * Ends the command in order on Ctrl-C, SIGTERM or SIGHUP, and at once on the second of them. A reader that goes away
 * (`| head`) ends it quietly.
 */
export function listenForInterruption(results: Writable): Interruption {
  const controller = new AbortController()
  let exitCode: number | null = null
  const stop = (code: number): void => {
    exitCode ??= code
    setTimeout(() => process.exit(code), patienceMs).unref()
    controller.abort()
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (exitCode !== null) process.exit(exitCodes.interrupted)
      stop(exitCodes.interrupted)
    })
  }
  results.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    stop(exitCodes.done)
  })
  return { signal: controller.signal, exitCode: () => exitCode }
}
