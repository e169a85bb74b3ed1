import { eq } from 'drizzle-orm'
import { Fault } from '../errors.ts'
import type { Strategy } from '../model/index.ts'
import type { Executor } from './connect.ts'
import { attempts, environments } from './schema.ts'

export interface ChosenAttempt {
  readonly strategy: Strategy
  readonly environment: typeof environments.$inferSelect
}

/** The strategy and environment of an attempt that worked. */
export async function attemptWithEnvironment(db: Executor, attemptId: number | null): Promise<ChosenAttempt> {
  const [row] = await db
    .select({ strategy: attempts.strategy, environment: environments })
    .from(attempts)
    .innerJoin(environments, eq(environments.id, attempts.environmentId))
    .where(eq(attempts.id, attemptId ?? 0))
  if (row === undefined) throw new Fault('database', `attempt ${attemptId} has no environment`)
  return row
}
