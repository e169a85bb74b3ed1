import { sql } from 'drizzle-orm'
import type { FastifyInstance } from 'fastify'
import type { Db } from '../../db/connect.ts'
import { messageOf } from '../../errors.ts'
import type { Metrics } from './metrics.ts'

/** `/healthz`: this process lives. `/readyz`: it can do its work (503 and why, where not). `/metrics`: Prometheus's text. */
export function registerHealth(web: FastifyInstance, db: Db, metrics: Metrics): void {
  web.get('/healthz', async () => ({ ok: true }))
  web.get('/readyz', async (_request, reply) => {
    try {
      await db.execute(sql`select 1`)
      return { ok: true }
    } catch (error) {
      return reply.code(503).send({ ok: false, database: messageOf(error) })
    }
  })
  web.get('/metrics', async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  )
}
