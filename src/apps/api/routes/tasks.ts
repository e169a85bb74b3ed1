import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { asCaller } from '../../../db/as-caller.ts'
import { type TaskQuery, taskQuerySchema } from '../../../query/filter.ts'
import { findPage, openTasks } from '../../../query/find.ts'
import { listedTask } from '../../../query/listed.ts'
import { findRows } from '../../../query/rows.ts'
import { auditedQuery } from '../audited-query.ts'
import { needTask } from '../need-task.ts'
import { Problem } from '../problem.ts'
import { bytes, taskParams } from '../schemas.ts'
import { sendLines } from '../send-lines.ts'
import { searchSchema, taskPageSchema, taskSchema } from '../task-schemas.ts'
import type { Api, ApiRoutes, RouteServices } from '../types.ts'

const lines = 'application/x-ndjson'

const listing = {
  tags: ['tasks'],
  response: {
    200: {
      description: 'A page; or, where `Accept` names `application/x-ndjson`, the whole result',
      content: {
        'application/json': { schema: taskPageSchema },
        [lines]: {
          schema: bytes(
            'One `ListedTask` a line, all that match: `limit` plays no part. An answer that broke off lacks the end of its chunked coding, which HTTP clients tell as an error.',
          ),
        },
      },
    },
    406: z.unknown(),
  },
}

/** A list of names to leave out is long: it goes into a body. */
const searchBodyLimit = 4 * 2 ** 20

export const taskRoutes: ApiRoutes = (api, services) => {
  api.get(
    '/tasks',
    {
      config: { scope: 'tasks:read' },
      schema: {
        ...{ ...listing, operationId: 'listTasks', summary: 'The tasks that match all filters' },
        description:
          'A filter that is given twice takes any of its values; `flag` and `without_flag` take all. The pages of one query show the set as of its first page.',
        querystring: taskQuerySchema,
      },
    },
    (request, reply) => answer(services, request.query, request, reply),
  )
  api.post(
    '/tasks/search',
    {
      config: { scope: 'tasks:read' },
      bodyLimit: searchBodyLimit,
      schema: {
        ...{ ...listing, operationId: 'searchTasks', summary: 'The same by a body: for long lists' },
        body: searchSchema,
      },
    },
    (request, reply) => answer(services, request.body, request, reply),
  )
  oneTask(api, services)
}

type Asking = Pick<FastifyRequest, 'caller' | 'method' | 'accepts'>
type Answering = Pick<FastifyReply, 'type' | 'header' | 'send'>

/** Other names of the same format. */
const linesTypes = [lines, 'application/jsonl', 'application/ndjson']

function answer(services: RouteServices, query: TaskQuery, asking: Asking, reply: Answering) {
  const type = asking.accepts().type(['application/json', ...linesTypes])
  if (type === 'application/json') return page(services, query, asking)
  if (typeof type === 'string' && linesTypes.includes(type)) return wholeResult(services, query, asking, reply)
  throw new Problem(
    406,
    'no such format',
    `a list is given as application/json or ${lines}: name one of them in Accept`,
  )
}

async function page({ db, audit }: RouteServices, query: TaskQuery, { caller, method }: Asking) {
  const found = await asCaller(db, caller, (tx) => findPage(tx, caller, query))
  if (method !== 'HEAD') {
    const detail = { query: auditedQuery(query), as_of: found.asOf }
    await audit.served(caller, { what: 'tasks', taskId: null, tasks: found.tasks.length, detail })
  }
  return {
    tasks: found.tasks.map((task) => listedTask(task, query.fields)),
    next_cursor: found.nextCursor,
    as_of: found.asOf,
  }
}

async function wholeResult(services: RouteServices, query: TaskQuery, { caller, method }: Asking, reply: Answering) {
  const { db, audit, log } = services
  const { asOf, tasks } = await openTasks(db, caller, query)
  reply.type(lines).header('quarry-as-of', asOf)
  if (method === 'HEAD') return reply.send('')
  const detail = { query: auditedQuery(query), as_of: asOf, format: lines }
  const ended = await audit.begun(caller, { what: 'tasks', taskId: null, detail })
  return reply.send(sendLines(tasks, (task) => listedTask(task, query.fields), { log, ended }))
}

function oneTask(api: Api, { db, audit }: RouteServices): void {
  const schema = {
    ...{ operationId: 'getTask', tags: ['tasks'], summary: 'One task' },
    description: 'What it is and what an agent is told. Its tests and its fix have routes and scopes of their own.',
    params: taskParams,
    response: { 200: taskSchema },
  }
  api.get('/tasks/:task', { config: { scope: 'tasks:read' }, schema }, async ({ caller, params, method }) => {
    const found = await needTask(db, caller, params.task, async (tx, { id, snapshot }) => {
      const [task] = await findRows(tx, [id], { statement: true, model: '' })
      if (task === undefined) throw new Error(`the task ${id} is there, and not in the list`)
      return { id, task: taskSchema.parse({ ...listedTask(task), base_commit: snapshot.baseCommit }) }
    })
    if (method !== 'HEAD') await audit.served(caller, { what: 'task', taskId: found.id, tasks: 1 })
    return found.task
  })
}
