import { and, eq } from 'drizzle-orm'
import type { Executor } from './connect.ts'
import { learnedStrategies } from './schema.ts'

/** What a repository's earlier candidates taught of one ecosystem's ladder. */
export interface LearnedStrategy {
  readonly ecosystem: string
  /** The strategy's name. */
  readonly strategy: string
  /** Names of those before it, which failed. */
  readonly failed: readonly string[]
  readonly mergedAt: Date
}

export async function learnedStrategy(
  db: Executor,
  repositoryId: number,
  ecosystem: string,
): Promise<LearnedStrategy | null> {
  const [row] = await db
    .select()
    .from(learnedStrategies)
    .where(and(eq(learnedStrategies.repositoryId, repositoryId), eq(learnedStrategies.ecosystem, ecosystem)))
  return row ?? null
}

/** The newest lesson stands. */
export async function keepLearned(
  db: Executor,
  { repositoryId, installationId }: { readonly repositoryId: number; readonly installationId: number },
  learned: LearnedStrategy,
): Promise<void> {
  const values = { ...learned, failed: [...learned.failed], updatedAt: new Date() }
  await db
    .insert(learnedStrategies)
    .values({ ...values, repositoryId, installationId })
    .onConflictDoUpdate({ target: [learnedStrategies.repositoryId, learnedStrategies.ecosystem], set: values })
}
