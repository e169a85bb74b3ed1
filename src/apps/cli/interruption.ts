import type { Writable } from 'node:stream'
import { exitCodes } from './exit-codes.ts'

export interface Interruption {
  readonly signal: AbortSignal
  /** Null while nothing interrupted the command; else the exit code that it ends with. */
  exitCode(): number | null
  /** For a command that runs until it is stopped: then that is its good end, and it may take so long over it. */
  expect(graceSeconds: number): void
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
  let expected = false
  let patience = patienceMs
  const stop = (code: number): void => {
    exitCode ??= expected ? exitCodes.done : code
    setTimeout(() => process.exit(code), patience).unref()
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
  return {
    signal: controller.signal,
    exitCode: () => exitCode,
    expect(graceSeconds) {
      expected = true
      patience = patienceMs + graceSeconds * 1000
    },
  }
}
