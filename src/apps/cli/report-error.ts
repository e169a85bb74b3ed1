import { CommanderError } from 'commander'
import { isDatabaseAway } from '../../db/away.ts'
import { Fault, messageOf, UserError } from '../../errors.ts'
import { exitCodes } from './exit-codes.ts'

export interface Failure {
  readonly exitCode: number
  /** What standard error gets, line by line. */
  readonly lines: readonly string[]
}

const again = 'Run the same command again once the database answers: nothing is lost.'

/** Turns anything thrown into an exit code and what the user reads. Only what nobody foresaw shows a stack trace. */
export function reportError(error: unknown): Failure {
  if (error instanceof CommanderError)
    return { exitCode: error.exitCode === 0 ? exitCodes.done : exitCodes.usage, lines: [] }
  if (error instanceof UserError)
    return { exitCode: exitCodes.usage, lines: withMend(`error: ${error.message}`, error.mend) }
  if (error instanceof Fault) {
    const cause = error.cause === undefined ? [] : [`cause: ${messageOf(error.cause)}`]
    return {
      exitCode: exitCodes.fault,
      lines: [...withMend(`fault (${error.kind}): ${error.message}`, error.mend), ...cause],
    }
  }
  if (isDatabaseAway(error)) {
    const why = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error)
    return {
      exitCode: exitCodes.fault,
      lines: withMend(`fault (database-away): the database went away: ${why}`, again),
    }
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { exitCode: exitCodes.fault, lines: ['fault: Quarry met something it does not know', trace] }
}

function withMend(line: string, mend: string | null): string[] {
  return mend === null ? [line] : [line, `mend: ${mend}`]
}
