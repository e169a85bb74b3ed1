import { z } from 'zod'
import {
  defaultMinPatches,
  type OutcomeProblem,
  type Suspect,
  solveRatesOf,
  storeOutcomes,
  suspects,
} from '../../../outcomes/index.ts'
import { readCursor, writeCursor } from '../cursor.ts'
import { type FieldProblem, notFound, Problem, problemSchema, wrongFields } from '../problem.ts'
import { identity, pageCursor, pageLimit, repositoryName, taskParams } from '../schemas.ts'
import type { Api, ApiRoutes, RouteServices } from '../types.ts'
import { outcomeBody, outcomeOf } from './outcome-body.ts'

const count = z.int().min(0)
const rate = z.number().min(0).max(1).nullable().describe('solved / attempts; null: never tried')

const outcomesBody = z.strictObject({
  outcomes: z.array(outcomeBody).min(1).max(1000).describe('All of them are stored, or none'),
})

const solveRatesSchema = z
  .object({
    ...identity,
    overall: z.object({
      attempts: count,
      solved: count,
      rate,
      signal: z
        .enum(['always-solved', 'never-solved'])
        .nullable()
        .describe('After enough attempts (8, unless the operator set another number) that were all solved, or none'),
    }),
    models: z.array(z.object({ model: z.string(), attempts: count, solved: count, rate })),
  })
  .meta({ id: 'SolveRates' })

const suspectSchema = z
  .object({
    task: z.string(),
    revision: z.int(),
    repository: z.string(),
    test: z.string(),
    list: z.enum(['fail_to_pass', 'pass_to_pass']).describe('The list of the task that the test is in'),
    fail_to_pass: count.describe(
      'FAIL_TO_PASS tests of the task: where it is the only one, every wrong patch fails it',
    ),
    patches: count.describe('Different patches that failed this test and no other'),
    resolved: count.describe('Different patches that solved the task'),
    models: z.array(z.string()).describe('Of outcomes that name these grades'),
    grades: z.array(z.guid()).describe('Some of these grades, the newest first'),
  })
  .meta({ id: 'Suspect', description: 'A suspected false negative' })

const suspectsQuery = z.strictObject({
  min_patches: z.coerce
    .number()
    .pipe(z.int().min(2).max(100_000))
    .default(defaultMinPatches)
    .meta({ description: 'At least so many different patches', examples: [defaultMinPatches] }),
  repository: repositoryName.optional(),
  limit: pageLimit,
  cursor: pageCursor,
})
const suspectPlace = z.object({ patches: z.int(), id: z.int(), test: z.string() })

export const outcomeRoutes: ApiRoutes = (api, services) => {
  storeRoute(api, services)
  solveRatesRoute(api, services)
  suspectsRoute(api, services)
}

function storeRoute(api: Api, { db, signalAttempts }: RouteServices): void {
  const schema = {
    ...{ operationId: 'createOutcomes', tags: ['outcomes'], summary: 'Report attempts' },
    description: 'Up to 1000 at once, all stored or none. They make the solve rates that filters can ask for.',
    body: outcomesBody,
    headers: z.looseObject({
      'idempotency-key': z
        .string()
        .min(1)
        .max(200)
        .optional()
        .describe('Your own key for this request: sent again with the same body it is stored, and counted, once'),
    }),
    response: { 201: z.object({ stored: count }), 400: problemSchema, 404: problemSchema, 409: problemSchema },
  }
  api.post('/outcomes', { config: { scope: 'outcomes:write' }, schema }, async ({ body, caller, headers }, reply) => {
    const outcomes = body.outcomes.map(outcomeOf)
    const answer = await storeOutcomes(db, caller, outcomes, {
      key: headers['idempotency-key'] ?? null,
      signalAttempts,
    })
    if ('stored' in answer) return reply.code(201).send({ stored: answer.stored })
    if (answer.refused === 'wrong') throw wrongFields(answer.problems.slice(0, 100).map(fieldProblem))
    const field = 'header idempotency-key'
    const [problem, mend] = ['was sent before with another body', 'send a new key with new outcomes']
    throw new Problem(409, 'the key stands for other outcomes', `${field} ${problem}: ${mend}`, {
      errors: [{ field, problem, mend }],
    })
  })
}

const told: Readonly<Record<OutcomeProblem['why'], Omit<FieldProblem, 'field'>>> = {
  unknown: { problem: 'is not there, or not for this token', mend: 'name one that was served to you' },
  erased: { problem: 'was erased', mend: 'leave this outcome out, and the task out of your set' },
  'of-another-task': { problem: 'is of another task', mend: 'name the grade of an attempt at this task' },
  'not-done': { problem: 'is not done yet', mend: 'wait for it: GET /v1/grades/{grade}?wait=60' },
  fault: { problem: 'is a fault, which is no attempt', mend: 'leave this outcome out' },
  contradicted: { problem: "is not what the grade's verdict says", mend: 'give the verdict of the grade' },
}

function fieldProblem({ place, field, why }: OutcomeProblem): FieldProblem {
  return { field: `outcomes[${place}].${field}`, ...told[why] }
}

function solveRatesRoute(api: Api, { db }: RouteServices): void {
  const schema = {
    ...{ operationId: 'getSolveRates', tags: ['outcomes'], summary: 'How often a task was solved, by model' },
    params: taskParams,
    response: { 200: solveRatesSchema, 404: problemSchema },
  }
  api.get(
    '/tasks/:task/solve-rates',
    { config: { scope: 'tasks:read' }, schema },
    async ({ params: { task }, caller }) => {
      const found = await solveRatesOf(db, caller, task)
      if (found === null) throw notFound(`task ${task}`)
      const { contentHash, models, ...rest } = found
      return { ...rest, content_hash: contentHash, models: [...models] }
    },
  )
}

function suspectsRoute(api: Api, { db }: RouteServices): void {
  const schema = {
    ...{ operationId: 'listSuspects', tags: ['operation'], summary: 'Suspected false negatives' },
    description:
      'Tests that many different patches of a task fail, and no other test with it: they may ask for more than the statement says. Those with the most patches first.',
    querystring: suspectsQuery,
    response: { 200: z.object({ suspects: z.array(suspectSchema), next_cursor: z.string().nullable() }) },
  }
  api.get(
    '/suspects',
    { config: { scope: 'operate' }, schema },
    async ({ caller, query: { limit, cursor, ...filter } }) => {
      const after = readCursor(cursor, filter, suspectPlace)
      const asked = { minPatches: filter.min_patches, repository: filter.repository ?? null, after }
      const found = await suspects(db, caller, { ...asked, limit: limit + 1 })
      const last = found.length > limit ? found[limit - 1] : undefined
      return {
        suspects: found.slice(0, limit).map(suspectJson),
        next_cursor: last === undefined ? null : writeCursor(filter, last.position),
      }
    },
  )
}

function suspectJson({ failToPass, models, grades, position, ...rest }: Suspect): z.input<typeof suspectSchema> {
  return { ...rest, fail_to_pass: failToPass, models: [...models], grades: [...grades] }
}
