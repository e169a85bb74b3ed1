import { afterEach, beforeEach, expect, test } from 'vitest'
import { candidates, pulls } from '../../src/db/schema.ts'
import { type ListedCandidate, ledger } from '../../src/query/ledger.ts'
import { addRepository } from '../filled-database.ts'
import { testDatabase } from '../postgres.ts'

let database: Awaited<ReturnType<typeof testDatabase>>
beforeEach(async () => {
  database = await testDatabase()
})
afterEach(() => database.close())

/** 1,200 candidates: one in ten never merged, the others by threes at the same moment. */
async function fill(): Promise<void> {
  const repositoryId = await addRepository(database.db)
  const numbers = Array.from({ length: 1200 }, (_, at) => at + 1)
  const inserted = await database.db
    .insert(pulls)
    .values(
      numbers.map((number) => ({
        repositoryId,
        number,
        title: `Pull ${number}`,
        body: '',
        mergedAt: number % 10 === 0 ? null : new Date(1e12 + Math.floor(number / 3) * 1000),
        labels: [],
        closes: [],
        source: 'pulls-file' as const,
      })),
    )
    .returning({ id: pulls.id, number: pulls.number })
  await database.db.insert(candidates).values(
    inserted.map(({ id, number }) => ({
      repositoryId,
      pullId: id,
      miner: 'linked-pull',
      state: 'refused' as const,
      stage: 'miner' as const,
      reason: number % 2 === 0 ? ('bot' as const) : ('no-linked-issue' as const),
    })),
  )
}

async function collect(lines: AsyncIterable<ListedCandidate>): Promise<ListedCandidate[]> {
  const collected: ListedCandidate[] = []
  for await (const line of lines) collected.push(line)
  return collected
}

const all = { repository: null, state: null, reason: null, limit: null }

test('the ledger comes page by page: each candidate once, newest first', async () => {
  await fill()
  const lines = await collect(ledger(database.db, all))
  expect(lines).toHaveLength(1200)
  expect(new Set(lines.map(({ pull }) => pull)).size).toBe(1200)
  const merged = lines.map(({ pull }) => pull).filter((pull) => pull % 10 !== 0)
  expect(merged).toEqual([...merged].sort((a, b) => Math.floor(b / 3) - Math.floor(a / 3) || b - a))
})

test('filters and the limit hold over pages', async () => {
  await fill()
  const bots = await collect(ledger(database.db, { ...all, reason: 'bot', limit: 550 }))
  expect(bots).toHaveLength(550)
  expect(bots.every(({ reason }) => reason === 'bot')).toBe(true)
  expect(await collect(ledger(database.db, { ...all, state: 'vetted' }))).toEqual([])
  expect(await collect(ledger(database.db, { ...all, repository: 'acme/none' }))).toEqual([])
})
