import { constants } from 'node:os'
import { Fault } from '../errors.ts'
import type { SandboxResult } from './types.ts'

/** Why Quarry ended a run itself. The last two are the machine's fault. */
export type Cause = 'timed-out' | 'out-of-memory' | 'disk-full' | 'killed' | 'host-disk-full' | 'host-out-of-memory'

export interface Observed {
  readonly cause: Cause | null
  /** Of the command, where the sandbox saw it end. */
  readonly exitCode: number | null
  /** Of the sandbox's own process. */
  readonly signal: string | null
  /** The command was on its way: what ended it before is no ending of its. */
  readonly begun: boolean
  /** For the fault's message where the sandbox did not start. */
  readonly said: () => string
}

type Ending = Pick<SandboxResult, 'ended' | 'exitCode' | 'signal'>

/** Throws Fault where the machine or the sandbox failed and not the command. */
export function endingOf({ cause, exitCode, signal, begun, said }: Observed): Ending {
  switch (cause) {
    case 'host-disk-full':
      throw new Fault('disk-full', 'The disk that holds the sandboxes is full.', { mend: 'Make room on it.' })
    case 'host-out-of-memory':
      throw new Fault('memory', 'The machine ran out of memory and ended a sandbox that kept to its own limit.', {
        mend: 'Run fewer at once, or with lower limits.',
      })
    case 'timed-out':
    case 'out-of-memory':
    case 'disk-full':
    case 'killed':
      return { ended: cause, exitCode: null, signal: 'SIGKILL' }
    case null:
      if (exitCode !== null) return { ended: 'exited', exitCode, signal: signalOf(exitCode) }
      if (signal !== null && begun) return { ended: 'killed', exitCode: null, signal }
      throw new Fault('sandbox', `The sandbox could not start: ${signal ?? said()}`, {
        mend: 'See what `quarry doctor` says about the sandbox.',
      })
  }
}

/** As shells have it, a command that signal n ended exits with 128 + n. */
function signalOf(exitCode: number): string | null {
  const match = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128)
  return match?.[0] ?? null
}
