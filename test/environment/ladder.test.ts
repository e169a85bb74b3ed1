import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openFolderBlobs } from '../../src/blobs/folder.ts'
import { keepLearned, learnedStrategy } from '../../src/db/learned-strategies.ts'
import { learnedStrategies } from '../../src/db/schema.ts'
import type { Ecosystem, Proposal } from '../../src/ecosystems/types.ts'
import type { ClimbServices, Ground } from '../../src/environment/attempt.ts'
import { climbLadder, isBeyondStrategies } from '../../src/environment/ladder.ts'
import { eraseRepository } from '../../src/erasure/erase.ts'
import { addRepository } from '../filled-database.ts'
import { testDatabase } from '../postgres.ts'

const database = await testDatabase()
const { db } = database
afterAll(() => database.close())

const mergedAt = new Date('2024-06-01T00:00:00Z')
const names = ['lockfile', 'as-of', 'newest']
/** Proposes three strategies that start no test framework: each fails at once. */
const ecosystem = {
  name: 'node',
  propose: async () =>
    names.map((name) => ({
      strategy: { name, ecosystem: 'node', overrides: [], flags: [], evidence: [] },
      invocations: [],
    })) as unknown as readonly Proposal[],
} as Partial<Ecosystem> as Ecosystem

async function climbed(repositoryId: number, deadline: number) {
  const services = {
    db,
    blobs: await openFolderBlobs(mkdtempSync(join(tmpdir(), 'quarry-ladder-'))),
    settingsAt: async () => ({ environment: null, problems: [] }),
  } as unknown as ClimbServices
  const ground = {
    context: { repository: { id: repositoryId }, pull: { mergedAt } },
    snapshot: { changes: [], afterTree: 'tree', tag: null },
    ...{ ecosystems: [ecosystem], tests: [], tree: {}, mirror: {} },
  } as unknown as Ground
  const { attempts, untried } = await climbLadder(services, ground, deadline)
  return { tried: attempts.map(({ strategy }) => strategy.name), untried }
}

test('strategies are tried in turn; where the time is over, the rest is named', async () => {
  const repository = await addRepository(db, 'acme/ladder')
  expect(await climbed(repository, Number.MAX_SAFE_INTEGER)).toEqual({ tried: names, untried: [] })
  expect(await climbed(repository, 0)).toEqual({ tried: ['lockfile'], untried: ['as-of', 'newest'] })
})

test('two strategies whose tests wanted something of a submodule end the ladder, unless another works', () => {
  const standing = { works: false, reason: 'tests-do-not-run-after', failingTouched: 0, evidence: {} } as const
  const failed = { outcome: 'failed', standing: { ...standing, missingSubmodule: null } } as const
  const lacking = { outcome: 'failed', standing: { ...standing, missingSubmodule: 'vendor/data' } } as const
  expect(isBeyondStrategies([failed, lacking])).toBe(false)
  const other = { outcome: 'failed', standing: { ...standing, missingSubmodule: 'vendor/other' } } as const
  expect(isBeyondStrategies([lacking, other])).toBe(false)
  expect(isBeyondStrategies([lacking, failed, lacking])).toBe(true)
  expect(isBeyondStrategies([lacking, { ...failed, outcome: 'works' }, lacking])).toBe(false)
})

test('what worked for the last candidate is tried first, and goes with the repository', async () => {
  const repositoryId = await addRepository(db, 'acme/learned')
  const lesson = { ecosystem: 'node', strategy: 'newest', failed: ['lockfile'], mergedAt }
  await keepLearned(db, { repositoryId, installationId: 0 }, { ...lesson, strategy: 'as-of' })
  await keepLearned(db, { repositoryId, installationId: 0 }, lesson)
  expect(await learnedStrategy(db, repositoryId, 'node')).toMatchObject(lesson)
  expect((await climbed(repositoryId, Number.MAX_SAFE_INTEGER)).tried).toEqual(['as-of', 'newest', 'lockfile'])
  await eraseRepository(db, repositoryId, 'forgotten')
  expect(await db.select().from(learnedStrategies)).toEqual([])
})
