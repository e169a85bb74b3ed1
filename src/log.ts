import pino from 'pino'

/** Structured logs on standard error (standard output is for results). A line is a fixed message with fields. */
export type Log = pino.Logger

export function makeLog(level: string): Log {
  return pino({ level, base: null }, pino.destination(2))
}
