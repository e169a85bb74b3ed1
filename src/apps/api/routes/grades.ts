import { text } from 'node:stream/consumers'
import { eq } from 'drizzle-orm'
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { type Caller, realmOf, type Serving } from '../../../access/index.ts'
import type { Blobs, Digest } from '../../../blobs/types.ts'
import { asCaller } from '../../../db/as-caller.ts'
import type { Db } from '../../../db/connect.ts'
import { tasks } from '../../../db/schema.ts'
import { askForGrades } from '../../../grade/ask.ts'
import { type FoundGrade, findGrade, findGrades } from '../../../grade/find.ts'
import { waitForGrade } from '../../../grade/wait.ts'
import { notFound, Problem, problemSchema } from '../problem.ts'
import type { Api, ApiRoutes, RouteServices } from '../types.ts'
import { erased, ordersOf } from './grade-orders.ts'
import { askSchema, gradeBody, gradeSchema, MOST_BODY_BYTES } from './grade-schemas.ts'

const params = z.object({ grade: z.guid().describe('As POST /v1/grades gave it') })
const seesTests = (caller: Caller) => caller.scopes.has('tests:read')

export const gradeRoutes: ApiRoutes = (api, services) => {
  ask(api, services)
  look(api, services)
  readLog(api, services)
}

function ask(api: Api, { db, addGrades }: RouteServices): void {
  api.post(
    '/grades',
    {
      config: { scope: 'grades:write', rate: 'frequent' },
      bodyLimit: MOST_BODY_BYTES,
      schema: {
        operationId: 'createGrades',
        tags: ['grades'],
        summary: 'Have patches graded',
        description:
          'One patch, or up to 256 at once: all are taken on, or none. A patch that was asked for before on the same task is not run again.',
        body: askSchema,
        headers: z.looseObject({
          'idempotency-key': z
            .string()
            .min(1)
            .max(200)
            .optional()
            .describe(
              'Your own key for this request: sent again with the same body within 30 days it gives the same grades, and grades nothing twice',
            ),
        }),
        response: { 202: z.object({ grades: z.array(gradeSchema) }), 409: problemSchema },
      },
    },
    async ({ body, caller, headers }, reply) => {
      const bodies = 'grades' in body ? body.grades : [body]
      const orders = await ordersOf(db, caller, bodies, 'grades' in body)
      const asker = { tokenId: tokenOf(caller), realm: realmOf(caller) }
      const asked = await askForGrades(db, addGrades, asker, headers['idempotency-key'] ?? null, orders)
      if ('refused' in asked)
        throw asked.refused === 'erased' ? erased(bodies.map(({ task }) => task).join(' or ')) : otherBody()
      const found = new Map((await findGrades(db, asker.realm, asked.requests)).map((each) => [each.id, each]))
      const grades = asked.requests
        .flatMap((id) => found.get(id) ?? [])
        .map((each) => gradeBody(each, seesTests(caller)))
      return reply.code(202).send({ grades })
    },
  )
}

function look(api: Api, { db, heardGrades, stopping, audit }: RouteServices): void {
  api.get(
    '/grades/:grade',
    {
      config: { scope: 'grades:write', rate: 'frequent' },
      schema: {
        operationId: 'getGrade',
        tags: ['grades'],
        summary: 'A grade',
        description:
          'As it is now, or once it is done. It is there for tokens that see the same owners as the one that asked for it.',
        params,
        querystring: z.object({
          wait: z.coerce
            .number()
            .int()
            .min(0)
            .max(60)
            .default(0)
            .describe('How many seconds to wait at most for it to be done'),
        }),
        response: { 200: gradeSchema },
      },
    },
    async ({ params: { grade: request }, query: { wait }, caller }, reply) => {
      const asked = { realm: realmOf(caller), request }
      const signal = AbortSignal.any([stopping, gone(reply), AbortSignal.timeout(wait * 1000)])
      const found =
        wait === 0 ? await findGrade(db, asked.realm, request) : await waitForGrade(db, heardGrades, asked, signal)
      if (found === null || !(await seesTask(db, caller, found))) throw notFound(`grade ${request}`)
      if (seesTests(caller) && found.grade.state === 'done') await audit.served(caller, servingOf('grade', found))
      return gradeBody(found, seesTests(caller))
    },
  )
}

function readLog(api: Api, { db, blobs, audit }: RouteServices): void {
  api.get(
    '/grades/:grade/log',
    {
      config: { scope: 'tests:read' },
      schema: {
        operationId: 'getGradeLog',
        tags: ['grades'],
        summary: 'What a grade printed',
        description: 'The end of what its builds and tests printed once it is done: nothing where none of them ran.',
        params,
        response: {
          200: { description: 'The log, in UTF-8', content: { 'text/plain': { schema: z.string() } } },
          409: problemSchema,
        },
      },
    },
    async ({ params: { grade: request }, caller }, reply) => {
      const found = await findGrade(db, realmOf(caller), request)
      if (found === null || !(await seesTask(db, caller, found))) throw notFound(`grade ${request}`)
      if (found.grade.state !== 'done') throw notDone(request)
      const printed = await printedIn(blobs, found.grade.log)
      if (printed === null) throw notFound(`log of the grade ${request}`)
      await audit.served(caller, servingOf('log', found))
      return reply.type('text/plain; charset=utf-8').send(printed)
    },
  )
}

/** The second wall: row-level security says so, too. */
async function seesTask(db: Db, caller: Caller, { grade }: FoundGrade): Promise<boolean> {
  return asCaller(db, caller, async (tx) => (await tx.$count(tasks, eq(tasks.id, grade.taskId))) > 0)
}

function servingOf(what: 'grade' | 'log', { id, grade }: FoundGrade): Serving {
  return { what, taskId: grade.taskId, tasks: 1, detail: { grade: id } }
}

/** Null where it was removed meanwhile. */
async function printedIn(blobs: Blobs, log: Digest | null): Promise<string | null> {
  if (log === null) return ''
  return (await blobs.has(log)) ? text(await blobs.stream(log)) : null
}

function notDone(grade: string): Problem {
  return new Problem(409, 'the grade is not done', `wait for it: GET /v1/grades/${grade}?wait=60`)
}

/** Aborts once nobody waits for the answer any more. */
function gone(reply: FastifyReply): AbortSignal {
  const left = new AbortController()
  reply.raw.once('close', () => left.abort())
  return left.signal
}

function tokenOf({ tokenId }: Caller): number {
  if (tokenId === null) throw new Error('a request without a token came to a route')
  return tokenId
}

function otherBody(): Problem {
  const field = 'header idempotency-key'
  const [problem, mend] = ['was sent before with another body', 'send a new key with a new request']
  return new Problem(409, 'the key stands for another request', `${field} ${problem}: ${mend}`, {
    errors: [{ field, problem, mend }],
  })
}
