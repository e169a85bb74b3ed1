import { Counter, Gauge, type Registry } from 'prom-client'
import type { Db } from '../../db/connect.ts'
import type { TimedJobs } from './histogram-text.ts'
import * as figures from './stored-figures.ts'

/** What the database tells of the whole of Quarry, whichever process did it. */
export interface StoredGauges {
  /** Reads all of them anew. */
  read(db: Db): Promise<{ readonly stages: readonly TimedJobs[] }>
  /** The database does not answer: what it said before is not told as if it were so now. */
  forget(): void
}

export function makeStoredGauges(registry: Registry): StoredGauges {
  const all: (Gauge | Counter)[] = []
  const made = <M extends Gauge | Counter>(metric: M): M => {
    all.push(metric)
    return metric
  }
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    made(new Gauge<L>({ name, help, labelNames, registers: [registry] }))
  const database = new Gauge({
    name: 'quarry_database_up',
    help: 'Whether the database answers',
    registers: [registry],
  })
  const depth = gauge('quarry_queue_jobs', 'Jobs by name and state; dead ones are parked', ['queue', 'state'])
  const age = gauge('quarry_queue_oldest_seconds', 'How long the oldest job of a name has waited', ['queue'])
  const grades = {
    waiting: gauge('quarry_grades_waiting', 'Grades that no worker has in hand, by the system that they need', [
      'root',
    ]),
    age: gauge('quarry_grades_oldest_seconds', 'How long the oldest of these has waited', ['root']),
  }
  const candidates = gauge('quarry_candidates', 'Candidates by state and reason', ['state', 'reason'])
  const faults = made(
    new Counter({
      name: 'quarry_faults_total',
      help: 'Attempts at jobs that failed, by their stage and the kind of the fault, of all workers',
      labelNames: ['stage', 'kind'],
      registers: [registry],
    }),
  )
  const budget = githubGauges(gauge)
  const disk = diskGauges(gauge)
  const night = {
    ended: gauge('quarry_nightly_ended_timestamp_seconds', 'When the last nightly run came to its end'),
    faults: gauge('quarry_nightly_faults', 'What the last nightly run could not do'),
  }
  const forget = () => {
    for (const metric of all) metric.reset()
    // Those without labels would be 0, which is a time.
    night.ended.remove()
    night.faults.remove()
    database.set(0)
  }
  return {
    forget,
    async read(db) {
      const [jobs, ledger, times, budgets, disks, nightly, waiting] = await figures.readFigures(db)
      forget()
      database.set(1)
      for (const { queue, state, jobs: count, age: seconds } of jobs) {
        depth.set({ queue, state }, count)
        if (state === 'created') age.set({ queue }, seconds)
      }
      for (const { root, waiting: count, age: seconds } of waiting) {
        grades.waiting.set({ root }, count)
        grades.age.set({ root }, seconds)
      }
      for (const { state, reason, count } of ledger) candidates.set({ state, reason }, count)
      for (const { stage, kind, count } of faultsIn(times)) faults.inc({ stage, kind }, count)
      for (const row of budgets) budget(row)
      for (const row of disks) disk(row)
      if (nightly !== null) {
        night.ended.set(nightly.endedAt.getTime() / 1000)
        night.faults.set(nightly.faults)
      }
      return { stages: times.filter(({ outcome }) => outcome === 'done').map((row) => ({ ...row, stage: row.queue })) }
    },
  }
}

type MakeGauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) => Gauge<L>

function githubGauges(gauge: MakeGauge): (row: figures.BudgetFigures) => void {
  const labels = ['installation', 'account', 'resource'] as const
  const remaining = gauge('quarry_github_budget_remaining', "What is left of GitHub's hourly budget", labels)
  const limit = gauge('quarry_github_budget_limit', "GitHub's hourly budget", labels)
  const reset = gauge('quarry_github_budget_reset_timestamp_seconds', 'When the budget is whole again', labels)
  return ({ installation, account, resource, ...row }) => {
    const name = { installation, account, resource }
    // Nobody asked since it became whole again.
    const isOver = row.resetsAt.getTime() <= Date.now()
    remaining.set(name, isOver ? row.limit : row.remaining)
    limit.set(name, row.limit)
    reset.set(name, row.resetsAt.getTime() / 1000)
  }
}

function diskGauges(gauge: MakeGauge): (row: figures.DiskFigures) => void {
  const labels = ['machine', 'host'] as const
  const free = gauge('quarry_disk_free_bytes', 'What is free on the disk of a data folder', labels)
  const size = gauge('quarry_disk_size_bytes', 'The size of that disk', labels)
  const budget = gauge('quarry_disk_budget_bytes', 'What the data folder may take', labels)
  const used = gauge('quarry_disk_used_bytes', 'What the data folder takes, by its parts', [...labels, 'part'])
  const measured = gauge('quarry_disk_measured_timestamp_seconds', 'When this was measured', labels)
  return ({ machine, host, ...row }) => {
    const name = { machine, host }
    free.set(name, row.free)
    size.set(name, row.size)
    budget.set(name, row.budget)
    measured.set(name, row.measuredAt.getTime() / 1000)
    for (const [part, bytes] of Object.entries(row.parts)) used.set({ ...name, part }, bytes)
  }
}

function faultsIn(times: readonly figures.TimeFigures[]): { stage: string; kind: string; count: number }[] {
  return times
    .filter(({ outcome }) => outcome !== 'done')
    .map(({ queue, outcome, jobs }) => ({ stage: queue, kind: outcome, count: jobs }))
}
