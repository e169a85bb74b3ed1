import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../db/connect.ts'
import type { Flag, Statement } from '../model/index.ts'
import type { FoundTask, SolveRate, TaskEnd } from './types.ts'

/** What is wanted of each task beside what costs nothing. */
export interface Wanted {
  readonly statement: boolean
  /** Whose solve rate, '' for all models together; null: none. */
  readonly model: string | null
}

interface Row extends Record<string, unknown> {
  readonly id: number
  readonly installation_id: number
  readonly repository_id: number
  readonly name: string
  readonly revision: number
  readonly content_hash: string
  readonly sequence: number
  readonly repository: string
  readonly owner: string
  readonly pull: number
  readonly title: string
  readonly miner: string
  readonly ecosystem: string
  readonly language: string
  readonly frameworks: readonly string[]
  readonly licence: string | null
  readonly visibility: FoundTask['visibility']
  readonly state: FoundTask['state']
  readonly ended: TaskEnd | null
  readonly flags: readonly Flag[]
  readonly fail_to_pass_count: number
  readonly pass_to_pass_count: number
  readonly files_changed: number
  readonly lines_changed: number
  readonly difficulty: number
  readonly merged_at: number
  readonly published_at: number
  readonly earliest_at: number
  readonly erased_at: number | null
  readonly statement: Statement | null
  readonly attempts: number | null
  readonly solved: number | null
  readonly rate: number | null
  readonly signal: SolveRate['signal']
}

/** As numbers. */
const milliseconds = (column: string): SQL =>
  sql.raw(`(extract(epoch from ${column}) * 1000)::float8 as ${column.replace('t.', '')}`)

const ended =
  sql.raw(`case when t.ended_sequence is not null then jsonb_build_object('sequence', t.ended_sequence, 'reason', t.ended_reason,
  'at', to_char(t.ended_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) end as ended`)

/**
 * The tasks of these ids, in this order. One that the caller may not see is left out. They come as one piece of JSON: to read them column by
 * column takes node-postgres longer than all the rest.
 */
export async function findRows(tx: Tx, ids: readonly number[], wanted: Wanted): Promise<FoundTask[]> {
  if (ids.length === 0) return []
  const rated = wanted.model !== null
  const { rows: answers } = await tx.execute<{ rows: readonly Row[] }>(sql`
    select coalesce(json_agg(found), '[]') as rows from (select t.id, t.installation_id, t.repository_id, t.name, t.revision, t.content_hash, t.sequence,
      t.repository, t.owner, t.pull, t.title, t.miner, t.ecosystem, t.language, t.frameworks, t.licence, t.visibility, t.state,
      ${ended}, t.flags, t.fail_to_pass_count, t.pass_to_pass_count, t.files_changed, t.lines_changed, t.difficulty,
      ${milliseconds('t.merged_at')}, ${milliseconds('t.published_at')}, ${milliseconds('t.earliest_at')}, ${milliseconds('t.erased_at')},
      ${wanted.statement ? sql`t.statement` : sql`null::jsonb as statement`},
      ${rated ? sql`r.attempts, r.solved, r.rate, r.signal` : sql`null as attempts, null as solved, null as rate, null as signal`}
    from tasks t ${rated ? sql`left join solve_rates r on r.task_id = t.id and r.model = ${wanted.model}` : sql``}
    where t.id = any (${sql.param(ids)}::bigint[])) found`)
  const rows = answers[0]?.rows ?? []
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.flatMap((id) => {
    const row = byId.get(id)
    return row === undefined ? [] : [foundTask(row, rated)]
  })
}

function foundTask(row: Row, rated: boolean): FoundTask {
  return {
    id: row.id,
    installationId: row.installation_id,
    repositoryId: row.repository_id,
    name: row.name,
    revision: row.revision,
    contentHash: row.content_hash,
    sequence: row.sequence,
    repository: row.repository,
    owner: row.owner,
    pull: row.pull,
    title: row.title,
    miner: row.miner,
    ecosystem: row.ecosystem,
    language: row.language,
    frameworks: row.frameworks,
    licence: row.licence,
    visibility: row.visibility,
    state: row.state,
    ended: row.ended,
    flags: row.flags,
    failToPassCount: row.fail_to_pass_count,
    passToPassCount: row.pass_to_pass_count,
    filesChanged: row.files_changed,
    linesChanged: row.lines_changed,
    difficulty: row.difficulty,
    mergedAt: new Date(row.merged_at),
    vettedAt: new Date(row.published_at),
    earliestAt: new Date(row.earliest_at),
    erasedAt: row.erased_at === null ? null : new Date(row.erased_at),
    solveRate: rated
      ? { attempts: row.attempts ?? 0, solved: row.solved ?? 0, rate: row.rate, signal: row.signal }
      : null,
    statement: row.statement,
  }
}
