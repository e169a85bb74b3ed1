import { and, isNull, sql } from 'drizzle-orm'
import type { Db } from '../db/connect.ts'
import { candidates, grades, runs, tasks } from '../db/schema.ts'
import { candidatesIn, type Scope, tasksIn } from './scope.ts'
import { type Suspects, suspectsIn } from './suspects.ts'

/** What an erasure would take, by number. */
export interface Weight extends Suspects {
  readonly tasks: number
  readonly candidates: number
  readonly runs: number
  readonly grades: number
}

export function weigh(db: Db, scope: Scope): Promise<Weight> {
  return db.transaction(async (tx) => {
    const there = and(tasksIn(scope), isNull(tasks.erasedAt))
    const ours = sql`${candidates.id} in ${candidatesIn(scope)} and not ${candidates.evidence} ? 'forgotten'`
    return {
      ...(await suspectsIn(tx, scope)),
      tasks: await tx.$count(tasks, there),
      candidates: await tx.$count(candidates, ours),
      runs: await tx.$count(runs, sql`${runs.candidateId} in ${candidatesIn(scope)}`),
      grades: await tx.$count(
        grades,
        sql`${grades.taskId} in (select ${tasks.id} from ${tasks} where ${there ?? sql`true`})`,
      ),
    }
  })
}
