import { sql } from 'drizzle-orm'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Db } from '../../db/connect.ts'
import { jobNames } from '../../pipeline/jobs.ts'
import type { WebhookOutcome } from './webhooks.ts'

/** What `/metrics` tells; docs/operating.md says what each means. */
export interface Metrics {
  readonly registry: Registry
  delivered(event: string, outcome: WebhookOutcome): void
  stage(name: string, seconds: number): void
}

export function makeMetrics(db: Db): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'quarry_' })
  const deliveries = new Counter({
    name: 'quarry_deliveries_total',
    help: 'Webhook deliveries by event and outcome',
    labelNames: ['event', 'outcome'],
    registers: [registry],
  })
  const stages = new Histogram({
    name: 'quarry_stage_seconds',
    help: 'How long a candidate took in a stage',
    labelNames: ['stage'],
    buckets: [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600],
    registers: [registry],
  })
  queueGauges(registry, db)
  ledgerGauges(registry, db)
  return {
    registry,
    delivered: (event, outcome) => deliveries.inc({ event, outcome }),
    stage: (stage, seconds) => stages.observe({ stage }, seconds),
  }
}

/** Depth and age of the queues, read when somebody asks. */
function queueGauges(registry: Registry, db: Db): void {
  const age = new Gauge({
    name: 'quarry_queue_oldest_seconds',
    help: 'How long the oldest job of a name has waited',
    labelNames: ['queue'],
    registers: [registry],
  })
  const depth = new Gauge({
    name: 'quarry_queue_jobs',
    help: 'Jobs by name and state; dead ones are parked and want an operator',
    labelNames: ['queue', 'state'],
    registers: [registry],
    async collect() {
      const names = [...jobNames, 'dead']
      const { rows } = await db.execute<{ name: string; state: string; jobs: number; age: number }>(sql`
        select name, state::text, count(*)::int as jobs, coalesce(extract(epoch from now() - min(created_on)), 0)::float as age
        from pgboss.job where name in ${names} and state < 'completed' group by name, state`)
      this.reset()
      age.reset()
      for (const { name, state, jobs, age: seconds } of rows) {
        depth.set({ queue: name, state }, jobs)
        if (state === 'created') age.set({ queue: name }, seconds)
      }
    },
  })
}

function ledgerGauges(registry: Registry, db: Db): void {
  const candidates = new Gauge({
    name: 'quarry_candidates',
    help: 'Candidates by state and reason',
    labelNames: ['state', 'reason'],
    registers: [registry],
    async collect() {
      const { rows } = await db.execute<{ state: string; reason: string; count: number }>(sql`
        select state, coalesce(reason, '') as reason, count(*)::int as count from candidates group by state, reason`)
      this.reset()
      for (const { state, reason, count } of rows) candidates.set({ state, reason }, count)
    },
  })
}
