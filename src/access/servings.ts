import { and, desc, eq, gte, lt, type SQL, sql } from 'drizzle-orm'
import type { Db, Executor } from '../db/connect.ts'
import { servings, tasks, tokens } from '../db/schema.ts'
import type { Caller } from './caller.ts'

/** What a request was served: one row of the audit trail. */
export interface Serving {
  /** `tasks`, `task`, `snapshot`, `tests`, `solution`, `lease`, `grade` …: the part. */
  readonly what: string
  /** The task's row; null: a list. */
  readonly taskId: number | null
  /** How many tasks. */
  readonly tasks: number
  /** The query, the publication sequence it was answered as of, and what else tells it apart. */
  readonly detail?: Readonly<Record<string, unknown>>
}

/** Who was served what, as the operator sees it. */
export interface ListedServing {
  readonly id: number
  readonly at: Date
  readonly token: string
  readonly what: string
  /** `acme__shop-123@2`; null: a list. */
  readonly task: string | null
  readonly tasks: number
  readonly detail: Readonly<Record<string, unknown>>
}

export interface ServingFilter {
  readonly token: string | null
  /** A name, or `name@revision`. */
  readonly task: string | null
  readonly since: Date | null
  readonly limit: number | null
}

/** Writes what callers were served, in one statement, and gives the rows' ids. The command line leaves no trail: it is the operator. */
export async function recordServings(
  db: Executor,
  served: readonly { readonly caller: Pick<Caller, 'tokenId'>; readonly serving: Serving }[],
): Promise<number[]> {
  const rows = served.flatMap(({ caller: { tokenId }, serving }) =>
    tokenId === null ? [] : [{ tokenId, ...serving, detail: serving.detail ?? {} }],
  )
  if (rows.length === 0) return []
  const made = await db.insert(servings).values(rows).returning({ id: servings.id })
  return made.map(({ id }) => id)
}

/** Adds to a row what came to light while the answer went out: how many tasks it was in the end. */
export async function completeServing(
  db: Executor,
  id: number,
  { tasks: count, detail }: Pick<Serving, 'tasks' | 'detail'>,
): Promise<void> {
  await db
    .update(servings)
    .set({ tasks: count, detail: sql`${servings.detail} || ${JSON.stringify(detail ?? {})}::jsonb` })
    .where(eq(servings.id, id))
}

/** Rows read at a time. */
const pageSize = 1000

/** The audit trail, newest first. */
export async function* listServings(db: Db, filter: ServingFilter): AsyncGenerator<ListedServing> {
  let left = filter.limit ?? Number.POSITIVE_INFINITY
  let before: number | null = null
  while (left > 0) {
    const asked: number = Math.min(left, pageSize)
    const page: ListedServing[] = await servingsPage(db, filter, before, asked)
    yield* page
    const end = page.at(-1)
    if (end === undefined || page.length < asked) return
    before = end.id
    left -= page.length
  }
}

function servingsPage(db: Db, filter: ServingFilter, before: number | null, limit: number): Promise<ListedServing[]> {
  return db
    .select({
      id: servings.id,
      at: servings.at,
      token: tokens.name,
      what: servings.what,
      task: sql<string | null>`${tasks.name} || '@' || ${tasks.revision}`,
      tasks: servings.tasks,
      detail: servings.detail,
    })
    .from(servings)
    .innerJoin(tokens, eq(tokens.id, servings.tokenId))
    .leftJoin(tasks, eq(tasks.id, servings.taskId))
    .where(
      and(
        filter.token === null ? undefined : eq(tokens.name, filter.token),
        filter.task === null ? undefined : isTask(filter.task),
        filter.since === null ? undefined : gte(servings.at, filter.since),
        before === null ? undefined : lt(servings.id, before),
      ),
    )
    .orderBy(desc(servings.id))
    .limit(limit)
}

function isTask(id: string): SQL | undefined {
  const [name = '', revision] = id.split('@')
  return and(eq(tasks.name, name), revision === undefined ? undefined : sql`${tasks.revision}::text = ${revision}`)
}

/** Lets go of what was served before a time. Gives how many rows that were. */
export async function forgetServings(db: Db, before: Date): Promise<number> {
  const { rowCount } = await db.delete(servings).where(lt(servings.at, before))
  return rowCount ?? 0
}
