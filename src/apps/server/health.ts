import { sql } from 'drizzle-orm'
import type { FastifyInstance } from 'fastify'
import type { Db } from '../../db/connect.ts'
import { messageOf } from '../../errors.ts'
import type { Metrics } from './metrics.ts'
import { withinSeconds } from './within-seconds.ts'

/** A database that hangs is as bad as one that is down. */
const patienceSeconds = 5

/** `/healthz`: this process lives. `/readyz`: it can do its work (503 and why, where not). `/metrics`: Prometheus's text. */
export function registerHealth(web: FastifyInstance, db: Db, metrics: Metrics): void {
  web.get('/healthz', async () => ({ ok: true }))
  web.get('/readyz', async (_request, reply) => {
    try {
      await withinSeconds(patienceSeconds, db.execute(sql`select 1`))
      return { ok: true }
    } catch (error) {
      return reply.code(503).send({ ok: false, database: messageOf(error) })
    }
  })
  web.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()))
}
