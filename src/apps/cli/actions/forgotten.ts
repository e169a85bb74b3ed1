import { and, eq } from 'drizzle-orm'
import type { Db } from '../../../db/connect.ts'
import { repositories } from '../../../db/schema.ts'
import { forgottenSince } from '../../../erasure/standing.ts'
import { UserError } from '../../../errors.ts'
import type { Source } from '../../../git/index.ts'
import { type Discovery, isBadLine, isFound } from '../../../intake/index.ts'

/** Throws UserError where the repository is forgotten: ask before anything of it is written. */
export async function refuseForgotten(db: Db, { name: { forge, owner, name } }: Source): Promise<void> {
  const [known] = await db
    .select({ id: repositories.id })
    .from(repositories)
    .where(and(eq(repositories.forge, forge), eq(repositories.name, `${owner}/${name}`)))
  const since = known === undefined ? null : await forgottenSince(db, known.id)
  if (since === null) return
  throw new UserError(`${owner}/${name} was forgotten on ${since.toISOString().slice(0, 10)}`, {
    mend: `quarry forget ${owner}/${name} --undo lets it be mined again`,
  })
}

/** Leaves out forgotten pulls, which are neither judged nor stored again; their numbers come out in `skipped`. */
export async function* withoutForgotten(
  forgotten: ReadonlySet<number>,
  batches: AsyncIterable<readonly Discovery[]>,
  skipped: number[],
): AsyncGenerator<readonly Discovery[]> {
  const numberOf = (found: Discovery) => (isBadLine(found) ? 0 : isFound(found) ? found.pull.number : found.number)
  for await (const batch of batches) {
    skipped.push(...batch.map(numberOf).filter((number) => forgotten.has(number)))
    yield batch.filter((found) => !forgotten.has(numberOf(found)))
  }
}
