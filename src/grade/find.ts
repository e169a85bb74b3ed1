import { and, asc, eq, getTableColumns, inArray } from 'drizzle-orm'
import type { Db } from '../db/connect.ts'
import { gradeRequests, grades, tasks } from '../db/schema.ts'

const { patch: _, loneTest: __, ...columns } = getTableColumns(grades)

/** A grade as somebody asked for it. */
export interface FoundGrade {
  /** The request's id. */
  readonly id: string
  readonly grade: Omit<typeof grades.$inferSelect, 'patch' | 'loneTest'>
  readonly task: { readonly name: string; readonly revision: number; readonly repository: string }
}

/** Those of the requests that exist for a realm, in the order of asking. */
export async function findGrades(db: Db, realm: string, requests: readonly string[]): Promise<FoundGrade[]> {
  return db
    .select({
      id: gradeRequests.id,
      grade: columns,
      task: { name: tasks.name, revision: tasks.revision, repository: tasks.repository },
    })
    .from(gradeRequests)
    .innerJoin(grades, eq(grades.id, gradeRequests.gradeId))
    .innerJoin(tasks, eq(tasks.id, grades.taskId))
    .where(and(inArray(gradeRequests.id, [...requests]), eq(gradeRequests.realm, realm)))
    .orderBy(asc(gradeRequests.createdAt), asc(gradeRequests.position))
}

/** One of them; null where there is none for this realm. */
export async function findGrade(db: Db, realm: string, request: string): Promise<FoundGrade | null> {
  const [found] = await findGrades(db, realm, [request])
  return found ?? null
}
