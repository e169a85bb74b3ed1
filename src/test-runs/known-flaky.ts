import { eq } from 'drizzle-orm'
import type { Executor } from '../db/connect.ts'
import { flakyTests } from '../db/schema.ts'
import type { TestId } from '../model/index.ts'

/** Tests ever seen flaky in a repository: they stay out of its PASS_TO_PASS lists. */
export async function knownFlaky(db: Executor, repositoryId: number): Promise<Set<TestId>> {
  const rows = await db
    .select({ test: flakyTests.test })
    .from(flakyTests)
    .where(eq(flakyTests.repositoryId, repositoryId))
  return new Set(rows.map(({ test }) => test))
}
