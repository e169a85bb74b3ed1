import { type SQL, sql } from 'drizzle-orm'
import { asCaller, type Seeing } from '../db/as-caller.ts'
import type { Db, Tx } from '../db/connect.ts'
import { type NamedTask, tasksNamed } from './find-tasks.ts'
import type { Outcome, SolveRates } from './types.ts'

interface Count {
  readonly task: NamedTask
  readonly model: string
  attempts: number
  solved: number
}

/** Counts attempts into the solve rates of their models and of all models together ('' as a model). */
export async function addToRates(
  tx: Tx,
  rows: readonly { readonly outcome: Outcome; readonly task: NamedTask }[],
  signalAttempts: number,
): Promise<void> {
  const counts = new Map<string, Count>()
  for (const { outcome, task } of rows) {
    for (const model of ['', outcome.model]) {
      const key = `${task.id} ${model}`
      const count = counts.get(key) ?? { task, model, attempts: 0, solved: 0 }
      counts.set(key, count)
      count.attempts += 1
      count.solved += Number(outcome.solved)
    }
  }
  const all = [...counts.values()]
  const column = (of: (count: Count) => string | number, type: string) =>
    sql`${sql.param(all.map(of))}::${sql.raw(type)}[]`
  const [attempts, solved] = [sql`r.attempts + excluded.attempts`, sql`r.solved + excluded.solved`]
  // Every transaction takes its rows in the same order: none waits for one that waits for it.
  await tx.execute(sql`
    insert into solve_rates as r (installation_id, task_id, model, attempts, solved, signal)
    select installation, task, model, attempts, solved, ${signalOf(sql`attempts`, sql`solved`, sql`model`, signalAttempts)}
    from unnest(${column(({ task }) => task.installationId, 'bigint')}, ${column(({ task }) => task.id, 'bigint')},
      ${column(({ model }) => model, 'text')}, ${column((count) => count.attempts, 'int')}, ${column((count) => count.solved, 'int')})
      told(installation, task, model, attempts, solved)
    order by task, model collate "C"
    on conflict (task_id, model) do update set attempts = ${attempts}, solved = ${solved},
      signal = ${signalOf(attempts, solved, sql`r.model`, signalAttempts)}, changed_by = pg_current_xact_id()::text::bigint`)
}

/** Of all models together alone. */
function signalOf(attempts: SQL, solved: SQL, model: SQL, enough: number): SQL {
  return sql`case when ${model} <> '' or ${attempts} < ${enough}::int then null
    when ${solved} = ${attempts} then 'always-solved' when ${solved} = 0 then 'never-solved' end`
}

/** After the setting changed: signals are told anew by it. Gives how many tasks that changed. */
export async function renewSignals(db: Db, signalAttempts: number): Promise<number> {
  const signal = signalOf(sql`r.attempts`, sql`r.solved`, sql`r.model`, signalAttempts)
  const { rowCount } = await db.execute(sql`
    update solve_rates r set signal = ${signal}, changed_by = pg_current_xact_id()::text::bigint
    where r.model = '' and r.signal is distinct from ${signal}`)
  return rowCount ?? 0
}

/** How often a task's attempts solved it; null where there is no such task for the caller. */
export async function solveRatesOf(db: Db, caller: Seeing, name: string): Promise<SolveRates | null> {
  const task = await db.transaction(async (tx) => (await tasksNamed(tx, caller, [name])).get(name))
  if (task === undefined) return null
  const { rows } = await asCaller(db, caller, (tx) =>
    tx.execute<{
      model: string
      attempts: number
      solved: number
      rate: number | null
      signal: SolveRates['overall']['signal']
    }>(
      sql`select model, attempts, solved, rate, signal from solve_rates where task_id = ${task.id} order by model collate "C"`,
    ),
  )
  const overall = rows.find(({ model }) => model === '')
  return {
    ...{ task: task.name, revision: task.revision, contentHash: task.contentHash },
    overall: {
      attempts: overall?.attempts ?? 0,
      solved: overall?.solved ?? 0,
      rate: overall?.rate ?? null,
      signal: overall?.signal ?? null,
    },
    models: rows
      .filter(({ model }) => model !== '')
      .map(({ model, attempts, solved, rate }) => ({ model, attempts, solved, rate })),
  }
}
