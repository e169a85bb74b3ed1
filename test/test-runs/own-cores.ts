import { randomUUID } from 'node:crypto'
import { type CoreClaims, machineCores } from '../../src/test-runs/core-claims.ts'
import { watchedLog } from '../log-lines.ts'

/** Cores that are shared with no other test. */
export function ownCores(): CoreClaims {
  return machineCores({ log: watchedLog().log, name: randomUUID() })
}
