import { sql } from 'drizzle-orm'
import { type Caller, realmOf } from '../access/index.ts'
import type { Tx } from '../db/connect.ts'
import type { Verdict } from '../model/index.ts'
import type { NamedTask } from './find-tasks.ts'
import type { Outcome, OutcomeProblem } from './types.ts'

/** What the grades of some outcomes have against them: a fault is no attempt, and a reward that contradicts its grade is none. */
export async function gradeProblems(
  tx: Tx,
  caller: Caller,
  outcomes: readonly Outcome[],
  tasks: ReadonlyMap<string, NamedTask>,
): Promise<OutcomeProblem[]> {
  const ids = [...new Set(outcomes.flatMap(({ grade }) => grade ?? []))]
  if (ids.length === 0) return []
  const { rows } = await tx.execute<{ id: string; task: number; verdict: Verdict | null }>(sql`
    select r.id, g.task_id::float8 as task, g.verdict from grade_requests r join grades g on g.id = r.grade_id
    where r.id = any(${sql.param(ids)}::uuid[]) ${caller.owners === null ? sql`` : sql`and r.realm = ${realmOf(caller)}`}`)
  const grades = new Map(rows.map((row) => [row.id, row]))
  return outcomes.flatMap(({ task, grade, solved }, place): OutcomeProblem[] => {
    if (grade === null) return []
    const known = grades.get(grade.toLowerCase())
    const problem = (field: OutcomeProblem['field'], why: OutcomeProblem['why']) => [{ place, field, why }]
    if (known === undefined) return problem('grade', 'unknown')
    if (known.task !== tasks.get(task)?.id) return problem('grade', 'of-another-task')
    if (known.verdict === null) return problem('grade', 'not-done')
    if (known.verdict === 'fault') return problem('grade', 'fault')
    return solved === (known.verdict === 'resolved') ? [] : problem('solved', 'contradicted')
  })
}
