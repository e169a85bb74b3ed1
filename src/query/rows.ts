import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../db/connect.ts'
import { type Position, positionValue } from './order.ts'
import type { FoundTask, SolveRate } from './types.ts'

/** What is wanted of each task beside what costs nothing. */
export interface Wanted {
  readonly statement: boolean
  /** Whose solve rate, '' for all models together; null: none. */
  readonly model: string | null
}

/** Between columns and between rows. No column holds them: names and words are checked before they are stored, and JSON escapes them. */
const [BETWEEN, AFTER] = ['\x1f', '\x1e']

const milliseconds = (column: string) => `coalesce((date_part('epoch', ${column}) * 1000)::text, '')`
const orNothing = (column: string) => `coalesce(${column}::text, '')`

/** What is told of a task, as text; nothing for null. */
const columns = {
  id: 't.id',
  installationId: 't.installation_id',
  repositoryId: 't.repository_id',
  name: 't.name',
  revision: 't.revision',
  contentHash: 't.content_hash',
  sequence: 't.sequence',
  repository: 't.repository',
  owner: 't.owner',
  pull: 't.pull',
  title: 'to_json(t.title)',
  miner: 't.miner',
  ecosystem: 't.ecosystem',
  language: 't.language',
  frameworks: 't.frameworks',
  licence: orNothing('t.licence'),
  visibility: 't.visibility',
  state: 't.state',
  ended: `case when t.ended_sequence is null then '' else jsonb_build_object('sequence', t.ended_sequence, 'reason', t.ended_reason,
    'at', to_char(t.ended_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text end`,
  flags: 't.flags',
  failToPassCount: 't.fail_to_pass_count',
  passToPassCount: 't.pass_to_pass_count',
  filesChanged: 't.files_changed',
  linesChanged: 't.lines_changed',
  difficulty: 't.difficulty',
  mergedAt: milliseconds('t.merged_at'),
  vettedAt: milliseconds('t.published_at'),
  earliestAt: milliseconds('t.earliest_at'),
  erasedAt: milliseconds('t.erased_at'),
}
const rates = {
  attempts: 'coalesce(r.attempts, 0)',
  solved: 'coalesce(r.solved, 0)',
  rate: orNothing('r.rate'),
  signal: orNothing('r.signal'),
}
/** Of all models together they stand in the listing. */
const ratesOfKey: typeof rates = {
  attempts: 'key.attempts',
  solved: 'coalesce(round(key.solve_rate * key.attempts), 0)',
  rate: orNothing('key.solve_rate'),
  signal: orNothing('key.signal'),
}

type Column = keyof typeof columns | keyof typeof rates | 'statement'

/** A task with its place in the sort. */
export interface Key extends Position {
  readonly id: number
}

/** With the task itself; without it where fewer were found than were worth reading. */
export interface FoundKey extends Key {
  readonly task: FoundTask | null
}

/** Reads what a query of keys gives: (id, tie, value, attempts, solve_rate, signal), in its order. */
export type KeyReader = (tx: Tx, keys: SQL, options: { readonly least: number }) => Promise<readonly FoundKey[]>

export const readKeys: KeyReader = async (tx, keys) => {
  const { rows } = await tx.execute<{ id: number; tie: number; value: Position['value'] }>(
    sql`select id::float8 as id, tie, value from (${keys}) key`,
  )
  return rows.map(({ id, tie, value }) => ({ id, tie, value, task: null }))
}

/** The keys and their tasks in one statement; where fewer than `least` are found the keys alone, since they are not the answer then. */
export function readTasks(wanted: Wanted): KeyReader {
  const { told, ofModel } = toldOf(wanted, wanted.model === '' ? ratesOfKey : rates)
  const taskColumns = placesOf(told)
  return async (tx, keys, { least }) => {
    const { rows } = await tx.execute<{ found: string | null }>(sql`
      with key as materialized (select one.*, row_number() over () as place from (${keys}) one)
      select string_agg(concat_ws(${BETWEEN}::text, key.id, key.tie, coalesce(to_json(key.value)::text, 'null'),
          case when (select count(*) from key) >= ${least} then (
            select concat_ws(${BETWEEN}::text, ${sql.raw(Object.values(told).join(', '))}) from tasks t ${ofModel} where t.id = key.id) end),
        ${AFTER}::text order by key.place) as found
      from key`)
    return rowsOf(rows[0]?.found).map(([id, tie, value, ...task]) => ({
      id: Number(id),
      tie: Number(tie),
      value: positionValue.parse(JSON.parse(value ?? 'null')),
      task: task.length === 0 ? null : foundTask(task, taskColumns),
    }))
  }
}

/**
 * The tasks of these ids, in this order. One that the caller may not see is left out. They come as one piece of text: as JSON they take
 * Postgres twice as long, and column by column node-postgres.
 */
export async function findRows(tx: Tx, ids: readonly number[], wanted: Wanted): Promise<FoundTask[]> {
  if (ids.length === 0) return []
  const { told, ofModel } = toldOf(wanted, rates)
  const { rows } = await tx.execute<{ found: string | null }>(sql`
    select string_agg(concat_ws(${BETWEEN}::text, ${sql.raw(Object.values(told).join(', '))}), ${AFTER}::text) as found
    from tasks t ${ofModel} where t.id = any (${sql.param(ids)}::bigint[])`)
  const places = placesOf(told)
  const tasks = rowsOf(rows[0]?.found).map((row) => foundTask(row, places))
  const byId = new Map(tasks.map((task) => [task.id, task]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

type Told = Readonly<Partial<Record<Column, string>>>

function toldOf({ model, statement }: Wanted, rated: typeof rates): { readonly told: Told; readonly ofModel: SQL } {
  const isLookedUp = model !== null && rated === rates
  return {
    told: { ...columns, ...(model === null ? {} : rated), ...(statement ? { statement: 't.statement' } : {}) },
    ofModel: isLookedUp ? sql`left join solve_rates r on r.task_id = t.id and r.model = ${model}` : sql``,
  }
}

const placesOf = (told: Told) => new Map(Object.keys(told).map((name, place) => [name, place]))
const rowsOf = (found: string | null | undefined) => found?.split(AFTER).map((row) => row.split(BETWEEN)) ?? []

function foundTask(row: readonly string[], places: ReadonlyMap<string, number>): FoundTask {
  const text = (column: Column) => row[places.get(column) ?? -1] ?? ''
  const number = (column: Column) => Number(text(column))
  const erasedAt = text('erasedAt')
  return {
    id: number('id'),
    installationId: number('installationId'),
    repositoryId: number('repositoryId'),
    name: text('name'),
    revision: number('revision'),
    contentHash: text('contentHash'),
    sequence: number('sequence'),
    repository: text('repository'),
    owner: text('owner'),
    pull: number('pull'),
    title: JSON.parse(text('title')),
    miner: text('miner'),
    ecosystem: text('ecosystem'),
    language: text('language'),
    frameworks: JSON.parse(text('frameworks')),
    licence: text('licence') || null,
    visibility: oneOf(['private', 'organisation', 'public'], text('visibility')),
    state: oneOf(['live', 'quarantined', 'retired'], text('state')),
    ended: jsonOrNull(text('ended')),
    flags: JSON.parse(text('flags')),
    failToPassCount: number('failToPassCount'),
    passToPassCount: number('passToPassCount'),
    filesChanged: number('filesChanged'),
    linesChanged: number('linesChanged'),
    difficulty: number('difficulty'),
    mergedAt: new Date(number('mergedAt')),
    vettedAt: new Date(number('vettedAt')),
    earliestAt: new Date(number('earliestAt')),
    erasedAt: erasedAt === '' ? null : new Date(Number(erasedAt)),
    solveRate: places.has('attempts') ? solveRate(text) : null,
    statement: jsonOrNull(text('statement')),
  }
}

function solveRate(text: (column: Column) => string): SolveRate {
  const rate = text('rate')
  const signal = text('signal')
  return {
    attempts: Number(text('attempts')),
    solved: Number(text('solved')),
    rate: rate === '' ? null : Number(rate),
    signal: signal === '' ? null : oneOf(['always-solved', 'never-solved'], signal),
  }
}

const jsonOrNull = (text: string) => (text === '' ? null : JSON.parse(text))

/** What the database says is one of these. */
function oneOf<const Names extends readonly string[]>(names: Names, given: string): Names[number] {
  const found = names.find((name) => name === given)
  if (found === undefined) throw new Error(`the database gave ${given} where it is one of ${names.join(', ')}`)
  return found
}
