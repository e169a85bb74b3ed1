import { and, desc, inArray, sql } from 'drizzle-orm'
import type { Executor } from '../db/connect.ts'
import { tasks } from '../db/schema.ts'

/** What a task is known by, without what is in it. */
export interface TaskHandle {
  readonly id: number
  readonly installationId: number
  readonly contentHash: string
  readonly erased: boolean
}

/**
 * Tasks by what they are called: a name for its newest revision, or `name@revision`. What is not there, or not for these owners (null:
 * all of them), is left out.
 */
export async function taskHandles(
  db: Executor,
  owners: readonly string[] | null,
  names: readonly string[],
): Promise<ReadonlyMap<string, TaskHandle>> {
  const wanted = new Map(names.map((name) => [name, /^(.*?)(?:@(\d{1,9}))?$/.exec(name)?.slice(1) ?? []] as const))
  const plain = [...new Set([...wanted.values()].map(([name = '']) => name))]
  const rows = await db
    .select({
      id: tasks.id,
      name: tasks.name,
      revision: tasks.revision,
      installationId: tasks.installationId,
      contentHash: tasks.contentHash,
      erased: sql<boolean>`${tasks.erasedAt} is not null`,
    })
    .from(tasks)
    .where(and(inArray(tasks.name, plain), owners === null ? undefined : inArray(tasks.owner, [...owners])))
    .orderBy(desc(tasks.revision))
  const found = new Map<string, TaskHandle>()
  for (const [asked, [name, revision]] of wanted) {
    const row = rows.find(
      (each) => each.name === name && (revision === undefined || each.revision === Number(revision)),
    )
    if (row !== undefined) found.set(asked, row)
  }
  return found
}
