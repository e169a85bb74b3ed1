import { DrizzleQueryError } from 'drizzle-orm/errors'
import pg from 'pg'
import { Fault, UserError } from '../errors.ts'

/** Classes 08 (connection), 28 (login), 3D (no such database), 53 and 57 (not serving), and the operating system's. */
const UNREACHABLE = /^(08|28|3D|53|57P)|^E[A-Z_]+$|^$/
/** Connection, and a server that stops, starts or was cut off. */
const AWAY = /^(08|57P)/

/** Whether an error of a connection's, of one being made above all, says that the server can't be had. */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof UserError || error instanceof Fault) return false
  // node-postgres gives no code where the server closes the connection or does not answer in time.
  return UNREACHABLE.test(codeOf(error))
}

/**
 * Whether something failed because the database was away, or went away meanwhile. What asked for it is to be done again, and is not
 * to blame.
 */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof Fault) return error.kind === 'database-away' || isDatabaseAway(error.cause)
  if (error instanceof pg.DatabaseError) return AWAY.test(codeOf(error))
  if (!(error instanceof DrizzleQueryError)) return false
  // What the server did not say is the connection's; a value that can't be sent is a mistake of the query.
  const { cause } = error
  return cause instanceof pg.DatabaseError ? isDatabaseAway(cause) : cause?.name === 'Error'
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
