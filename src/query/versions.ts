import { and, asc, eq, inArray } from 'drizzle-orm'
import type { Executor } from '../db/connect.ts'
import { publications, tasks } from '../db/schema.ts'

/** A revision of a task, and what became of it. */
export interface TaskVersion {
  /** Of its row. */
  readonly id: number
  readonly revision: number
  readonly content_hash: string
  readonly sequence: number
  readonly state: 'live' | 'quarantined' | 'retired'
  /** ISO 8601, as all times here. */
  readonly vetted_at: string
  readonly validated_at: string
  /** When its content was erased; null: it is there. */
  readonly erased_at: string | null
  readonly events: readonly TaskEvent[]
}

interface TaskEvent {
  readonly sequence: number
  readonly event: 'published' | 'quarantined' | 'retired'
  /** As one word. */
  readonly reason: string | null
  readonly at: string
}

/** Every revision of a task by its name, or the one of `name@revision`, oldest first, erased ones too; none where it never was. */
export async function taskVersions(db: Executor, id: string): Promise<readonly TaskVersion[]> {
  const [, name = '', revision] = /^(.*?)(?:@(\d{1,9}))?$/.exec(id) ?? []
  const revisions = await db
    .select()
    .from(tasks)
    .where(and(eq(tasks.name, name), revision === undefined ? undefined : eq(tasks.revision, Number(revision))))
    .orderBy(asc(tasks.revision))
  const ids = revisions.map((task) => task.id)
  const events = await db
    .select()
    .from(publications)
    .where(inArray(publications.taskId, ids))
    .orderBy(asc(publications.sequence))
  return revisions.map((task) => ({
    id: task.id,
    revision: task.revision,
    content_hash: task.contentHash,
    sequence: task.sequence,
    state: task.state,
    vetted_at: task.publishedAt.toISOString(),
    validated_at: task.validatedAt.toISOString(),
    erased_at: task.erasedAt?.toISOString() ?? null,
    events: events
      .filter(({ taskId }) => taskId === task.id)
      .map(({ sequence, event, detail, at }) => ({ sequence, event, reason: detail, at: at.toISOString() })),
  }))
}
