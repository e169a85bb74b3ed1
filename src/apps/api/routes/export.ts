import { finished } from 'node:stream/promises'
import { z } from 'zod'
import type { Caller } from '../../../access/index.ts'
import { messageOf } from '../../../errors.ts'
import { type ExportFormat, exportBody, exportFormats, formatNamed } from '../../../export/index.ts'
import { refineQuery, type TaskQuery, taskQuerySchema } from '../../../query/filter.ts'
import type { FullTask } from '../../../query/tasks.ts'
import { fullTasks } from '../../exports/full-tasks.ts'
import { auditedQuery } from '../audited-query.ts'
import { notFound } from '../problem.ts'
import { bytes } from '../schemas.ts'
import type { Api, ApiRoutes, RouteServices } from '../types.ts'

const { cursor: _cursor, fields: _fields, limit: _limit, ...filterShape } = taskQuerySchema.shape

const querySchema = z
  .strictObject({
    ...filterShape,
    format: z
      .enum(exportFormats.map(({ name }) => name))
      .meta({ description: 'JSON Lines, or a tar archive of a folder', examples: ['swebench'] }),
    limit: z.coerce
      .number()
      .pipe(z.int().min(1).max(1_000_000_000))
      .optional()
      .meta({ description: 'At most so many tasks; without it all', examples: [1000] }),
  })
  .superRefine(refineQuery)

/** Exports hold tests and fixes: they exist for who may read these. */
const needed = ['tasks:read', 'tests:read', 'solutions:read'] as const

/** Tasks in the formats of other tools, sent while they are read. */
export const exportRoutes: ApiRoutes = (api, services) => {
  exportRoute(api, services)
}

function exportRoute(api: Api, services: RouteServices): void {
  const schema = {
    ...{ operationId: 'exportTasks', tags: ['tasks'], summary: 'Tasks in the format of another tool' },
    description:
      'Whole, or the connection breaks off. The same query with the same `as_of` gives the same bytes. Asks for the scopes tasks:read, tests:read and solutions:read together.',
    querystring: querySchema,
    response: {
      200: {
        description: 'The export',
        content: {
          'application/x-ndjson': { schema: bytes('A task a line') },
          'application/x-tar': { schema: bytes('A folder as an archive') },
        },
      },
    },
  }
  api.get('/export', { config: { scope: 'solutions:read' }, schema }, async ({ caller, query }, reply) => {
    if (!needed.every((scope) => caller.scopes.has(scope))) throw notFound('such route')
    const { format: name, limit, ...filter } = query
    const format = formatNamed(name)
    if (format === null) throw notFound(`format ${name}`)
    const { body, done } = await begin(services, caller, format, { ...filter, limit: 1000 }, limit ?? null)
    void finished(body.bytes).then(
      () => done('whole'),
      (error: unknown) => {
        services.log.warn({ format: name, error: messageOf(error) }, 'export broken off')
        return done('cut')
      },
    )
    return reply
      .type(body.mediaType)
      .header('content-disposition', `attachment; filename="${body.fileName}"`)
      .header('cache-control', 'private, no-store')
      .send(body.bytes)
  })
}

/** With the first task in hand, so that what is wrong with the query or the database is told before anything is sent. */
async function begin(
  { db, exports: sources, audit, log }: RouteServices,
  caller: Caller,
  format: ExportFormat,
  query: TaskQuery,
  most: number | null,
) {
  const tasks = fullTasks(db, caller, query, most)
  const first = await tasks.next()
  const detail = { format: format.name, query: auditedQuery(query) }
  const served = await audit.begun(caller, { what: 'export', taskId: null, detail })
  let count = 0
  async function* counted(): AsyncGenerator<FullTask> {
    for (let step = first; step.done !== true; step = await tasks.next()) {
      count += 1
      yield step.value
    }
  }
  const done = (ended: 'whole' | 'cut') =>
    served(count, { ended }).catch((error: unknown) =>
      log.warn({ error: messageOf(error) }, 'the end of an answer is not noted'),
    )
  return { body: exportBody(format, counted(), sources), done }
}
