import { z } from 'zod'
import {
  type ChangedLease,
  completeLease,
  type LeaseRequest,
  lease,
  releaseLease,
  renewLease,
  showLease,
} from '../../../leases/index.ts'
import { RefusedQuery } from '../../../query/refused.ts'
import { leaseJson } from '../../lease-json.ts'
import { notFound, Problem, problemSchema, wrongField, wrongFields } from '../problem.ts'
import type { Api, ApiRoutes, RouteServices } from '../types.ts'
import { changeBody, leaseBody, leaseSchema, params, renewBody } from './lease-schemas.ts'

const refusals = { 400: problemSchema, 404: problemSchema, 409: problemSchema }

export const leaseRoutes: ApiRoutes = (api, services) => {
  createRoute(api, services)
  getRoute(api, services)
  renewRoute(api, services)
  settleRoutes(api, services)
}

const keyHeader = z.looseObject({
  'idempotency-key': z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Your own key for this request: sent again, after a timeout say, it gives the same lease'),
})

function createRoute(api: Api, { db }: RouteServices): void {
  const schema = {
    ...{ operationId: 'createLease', tags: ['leases'], summary: 'Lease tasks that this consumer was never served' },
    description: `Gives the next live tasks that match, newest revision of each, repositories by turns. A task that is out, or was completed, is
not given to the same consumer again, by whatever filter and in whatever revision; consumers do not exclude each other. What is released, or
not completed when its lease ends, can be leased again at once. Where there are fewer tasks than were asked for, or none, the list is shorter.`,
    ...{ body: leaseBody, headers: keyHeader },
    response: { 201: leaseSchema, ...refusals },
  }
  api.post(
    '/leases',
    { config: { scope: 'leases:write', rate: 'frequent' }, schema },
    async ({ body, caller, headers }, reply) => {
      const key = headers['idempotency-key'] ?? null
      const answer = await lease(db, caller, requestOf(body), { key }).catch(inFilter)
      if ('refused' in answer) throw otherRequest()
      const given = answer.lease
      return reply.code(201).header('location', `/v1/leases/${given.id}`).send(leaseJson(given))
    },
  )
}

function getRoute(api: Api, { db }: RouteServices): void {
  const schema = {
    ...{ operationId: 'getLease', tags: ['leases'], summary: 'A lease and what became of its tasks' },
    description: 'It is there for tokens that see the same owners as the one that leased.',
    params,
    response: { 200: leaseSchema, 404: problemSchema },
  }
  api.get(
    '/leases/:lease',
    { config: { scope: 'leases:write', rate: 'frequent' }, schema },
    async ({ params: { lease: id }, caller }) => {
      const found = await showLease(db, caller, id)
      if (found === null) throw notFound(`lease ${id}`)
      return leaseJson(found)
    },
  )
}

function renewRoute(api: Api, { db }: RouteServices): void {
  const schema = {
    ...{ operationId: 'renewLease', tags: ['leases'], summary: 'Keep a lease for longer' },
    description:
      'From now on it lasts as long as it was made for, or as long as you say. One that has ended can not be renewed: 409.',
    ...{ params, body: renewBody },
    response: { 200: leaseSchema, ...refusals },
  }
  api.post(
    '/leases/:lease/renew',
    { config: { scope: 'leases:write', rate: 'frequent' }, schema },
    async ({ params: { lease: id }, body, caller }) =>
      changed(id, await renewLease(db, caller, id, body?.ttl_seconds ?? null)),
  )
}

function settleRoutes(api: Api, { db }: RouteServices): void {
  const release = {
    ...{ operationId: 'releaseLease', tags: ['leases'], summary: 'Give tasks back' },
    description:
      'All that are still out, or those that are named: they are as if they had never been served. What is not out any more stays as it is.',
  }
  const complete = {
    ...{ operationId: 'completeLease', tags: ['leases'], summary: 'Mark tasks as served' },
    description:
      'All that are still out, or those that are named: this consumer is not given them again, unless it asks for that. Too late once the lease has expired: 409.',
  }
  const rest = { params, body: changeBody, response: { 200: leaseSchema, ...refusals } }
  for (const [path, words, settle] of [
    ['release', release, releaseLease],
    ['complete', complete, completeLease],
  ] as const) {
    api.post(
      `/leases/:lease/${path}`,
      { config: { scope: 'leases:write', rate: 'frequent' }, schema: { ...words, ...rest } },
      async ({ params: { lease: id }, body, caller }) => changed(id, await settle(db, caller, id, body?.tasks ?? null)),
    )
  }
}

function requestOf(body: z.output<typeof leaseBody>): LeaseRequest {
  return {
    ...{ consumer: body.consumer, count: body.count, ttlSeconds: body.ttl_seconds, attempts: body.attempts },
    ...{ filter: body.filter, againAfterSeconds: body.again_after_seconds ?? null },
  }
}

/** What only the database can tell of a filter is told with its place in the body. */
function inFilter(error: unknown): never {
  if (!(error instanceof RefusedQuery)) throw error
  throw wrongFields(error.problems.map((problem) => ({ ...problem, field: `filter.${problem.field}` })))
}

function changed(id: string, answer: ChangedLease): z.input<typeof leaseSchema> {
  if ('lease' in answer) return leaseJson(answer.lease)
  switch (answer.refused) {
    case 'unknown-lease':
      throw notFound(`lease ${id}`)
    case 'expired':
      throw over(`the lease expired at ${answer.at.toISOString()}, and its tasks are free again`)
    case 'ended':
      throw over(`nothing of the lease has been out since ${answer.at.toISOString()}`)
    case 'not-in-lease':
      throw wrongField(`tasks[${answer.place}]`, `${answer.name} is not in this lease`, 'name tasks that it was given')
    case 'settled': {
      const field = `tasks[${answer.place}]`
      const [problem, mend] = [`${answer.name} was ${answer.state} before`, 'leave it out']
      throw new Problem(409, 'that is settled already', `${field} ${problem}: ${mend}`, {
        errors: [{ field, problem, mend }],
      })
    }
  }
}

function over(why: string): Problem {
  const mend = 'lease again, and renew in time or ask for a longer ttl_seconds'
  return new Problem(409, 'the lease is over', `${why}: ${mend}`, {
    errors: [{ field: 'lease', problem: why, mend }],
  })
}

function otherRequest(): Problem {
  const field = 'header idempotency-key'
  const [problem, mend] = ['was sent before with another body', 'send a new key with a new request']
  return new Problem(409, 'the key stands for another request', `${field} ${problem}: ${mend}`, {
    errors: [{ field, problem, mend }],
  })
}
