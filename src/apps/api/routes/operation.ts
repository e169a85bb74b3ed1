import { z } from 'zod'
import { asCaller } from '../../../db/as-caller.ts'
import { reasonSchema } from '../../../model/index.ts'
import { ledgerPage } from '../../../query/ledger.ts'
import { repositoriesPage } from '../../../query/repositories.ts'
import { stats } from '../../../query/stats.ts'
import { readCursor, writeCursor } from '../cursor.ts'
import { accountName, pageCursor, pageLimit, repositoryName } from '../schemas.ts'
import type { Api, ApiRoutes, RouteServices } from '../types.ts'

const count = z.int().min(0)
const counts = z.record(z.string(), count)
const time = z.iso.datetime()
const states = ['proposed', 'vetted', 'refused', 'fault'] as const
const byState = z.object({ proposed: count, vetted: count, refused: count, fault: count })

const statsSchema = z
  .object({
    repositories: count,
    tasks: z.object({ live: count, quarantined: count, retired: count, erased: count }),
    languages: counts.describe('Live tasks by language'),
    candidates: byState,
    refused: counts.describe('Refused candidates by reason'),
  })
  .meta({ id: 'Stats' })

const candidateSchema = z
  .object({
    repository: z.string().meta({ examples: ['acme/shop'] }),
    pull: z.int(),
    title: z.string(),
    miner: z.string(),
    state: z.enum(states),
    stage: z.string().describe('The stage that has it next, or that decided it'),
    reason: reasonSchema.nullable().describe('Why it was refused'),
    evidence: z.record(z.string(), z.unknown()),
    flags: z.array(z.string()),
    task: z.string().nullable(),
    merged_at: time.nullable(),
    decided_at: time.nullable(),
  })
  .meta({
    id: 'Candidate',
    description: 'A merged pull that a miner looked at, how far it came, and why it was refused',
  })

const repositorySchema = z
  .object({
    repository: z.string().meta({ examples: ['acme/shop'] }),
    forge: z.string(),
    state: z.enum(['active', 'removed', 'deleted']),
    private: z.boolean(),
    archived: z.boolean(),
    visibility: z.enum(['private', 'organisation', 'public']),
    settings: z.boolean().describe("Whether a settings file of its owner's is in force"),
    candidates: byState,
    tasks: count.describe('Live tasks'),
    backfill: z.object({ listed: count, done: z.boolean() }).nullable(),
    reconciled_at: time.nullable(),
    created_at: time,
  })
  .meta({ id: 'Repository' })

const ledgerQuery = z.strictObject({
  repository: repositoryName.optional(),
  state: z.enum(states).optional(),
  reason: reasonSchema.optional(),
  limit: pageLimit,
  cursor: pageCursor,
})
const repositoriesQuery = z.strictObject({
  owner: accountName.optional(),
  state: z.enum(['active', 'removed', 'deleted']).optional(),
  limit: pageLimit,
  cursor: pageCursor,
})

const ledgerPlace = z.object({ merged: z.int().nullable(), id: z.int().min(0) })
const namePlace = z.object({ name: z.string().regex(/^[\w.-]+\/[\w.-]+$/), id: z.int().min(0) })

/** What operators look at. A token's owners bind it here, too. */
export const operationRoutes: ApiRoutes = (api, services) => {
  statsRoute(api, services)
  candidatesRoute(api, services)
  repositoriesRoute(api, services)
}

function statsRoute(api: Api, { db }: RouteServices): void {
  const schema = {
    ...{ operationId: 'getStats', tags: ['operation'], summary: 'How much there is' },
    response: { 200: statsSchema },
  }
  api.get('/stats', { config: { scope: 'operate' }, schema }, ({ caller }) =>
    asCaller(db, caller, (tx) => stats(tx, caller)),
  )
}

function candidatesRoute(api: Api, { db }: RouteServices): void {
  const schema = {
    ...{ operationId: 'listCandidates', tags: ['operation'], summary: 'The ledger, newest first' },
    description: 'Every merged pull that a miner looked at, its state, and the reason of a refusal with its evidence.',
    querystring: ledgerQuery,
    response: { 200: z.object({ candidates: z.array(candidateSchema), next_cursor: z.string().nullable() }) },
  }
  api.get(
    '/candidates',
    { config: { scope: 'operate' }, schema },
    async ({ caller, query: { limit, cursor, ...filter } }) => {
      const after = readCursor(cursor, filter, ledgerPlace)
      const page = await asCaller(db, caller, (tx) => ledgerPage(tx, caller, filter, { after, limit }))
      return {
        candidates: page.candidates.map((each) => ({ ...each, flags: [...each.flags] })),
        next_cursor: page.next === null ? null : writeCursor(filter, page.next),
      }
    },
  )
}

function repositoriesRoute(api: Api, { db }: RouteServices): void {
  const schema = {
    ...{ operationId: 'listRepositories', tags: ['operation'], summary: 'Repositories, by name' },
    querystring: repositoriesQuery,
    response: { 200: z.object({ repositories: z.array(repositorySchema), next_cursor: z.string().nullable() }) },
  }
  api.get(
    '/repositories',
    { config: { scope: 'operate' }, schema },
    async ({ caller, query: { limit, cursor, ...filter } }) => {
      const after = readCursor(cursor, filter, namePlace)
      const page = await asCaller(db, caller, (tx) => repositoriesPage(tx, caller, filter, { after, limit }))
      return {
        repositories: page.repositories,
        next_cursor: page.next === null ? null : writeCursor(filter, page.next),
      }
    },
  )
}
