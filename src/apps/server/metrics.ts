import { Counter, collectDefaultMetrics, Registry } from 'prom-client'
import type { Db } from '../../db/connect.ts'
import { messageOf } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { histogramText } from './histogram-text.ts'
import { makeStoredGauges } from './stored-gauges.ts'
import type { WebhookOutcome } from './webhooks.ts'
import { withinSeconds } from './within-seconds.ts'

/** What `/metrics` tells; docs/operating.md says what each means. */
export interface Metrics {
  readonly contentType: string
  /** Where the database does not answer it is this process's own figures, and that the database is down. */
  text(): Promise<string>
  delivered(event: string, outcome: WebhookOutcome): void
}

/** Prometheus gives up after ten seconds by default. */
const patienceSeconds = 5

export function makeMetrics(db: Db, log: Log): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'quarry_' })
  const deliveries = new Counter({
    name: 'quarry_deliveries_total',
    help: 'Webhook deliveries by event and outcome',
    labelNames: ['event', 'outcome'],
    registers: [registry],
  })
  const stored = makeStoredGauges(registry)
  return {
    contentType: registry.contentType,
    async text() {
      try {
        const { stages } = await withinSeconds(patienceSeconds, stored.read(db))
        return `${await registry.metrics()}\n${histogramText('quarry_stage_seconds', stageHelp, stages)}`
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'metrics without the database')
        stored.forget()
        return registry.metrics()
      }
    },
    delivered: (event, outcome) => deliveries.inc({ event, outcome }),
  }
}

const stageHelp = 'How long jobs that ended well took, of all workers'
