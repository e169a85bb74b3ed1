import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asCaller } from '../../src/db/as-caller.ts'
import { sorts, type TaskQueryInput } from '../../src/query/filter.ts'
import { findPage, streamTasks } from '../../src/query/find.ts'
import { readQuery } from '../../src/query/refused.ts'
import { testDatabase } from '../postgres.ts'
import { naiveIds } from './naive.ts'
import * as sample from './random-tasks.ts'

const SEED = 20_240_501
const everyone = { owners: null }

let database: Awaited<ReturnType<typeof testDatabase>>
let chance: ReturnType<typeof sample.randomTasks>

beforeAll(async () => {
  database = await testDatabase()
  chance = sample.randomTasks(database.db, sample.randomNumbers(SEED))
  for (let step = 0; step < 400; step += 1) await chance.happen()
}, 120_000)
afterAll(() => database?.close())

const page = (given: TaskQueryInput, owners: readonly string[] | null = null) =>
  asCaller(database.db, { owners }, (tx) => findPage(tx, { owners }, readQuery(given)))

/** All pages; `between` runs after each. */
async function pages(given: TaskQueryInput, owners: readonly string[] | null = null, between = async () => undefined) {
  const ids: number[] = []
  let cursor: string | null = null
  let asOf = -1
  do {
    const found: Awaited<ReturnType<typeof page>> = await page(cursor === null ? given : { ...given, cursor }, owners)
    ids.push(...found.tasks.map(({ id }) => id))
    cursor = found.nextCursor
    asOf = found.asOf
    await between()
  } while (cursor !== null)
  return { ids, asOf }
}

/** Some filters at once, most of them wide enough to find something. */
function randomQuery(): TaskQueryInput {
  const { one, some, upTo, time } = chance
  const asOf = chance.upTo(2) === 0 ? upTo(300) : undefined
  const both = (name: string, most: number): TaskQueryInput =>
    one([
      { [`${name}_min`]: upTo(most) },
      { [`${name}_max`]: upTo(most) },
      { [`${name}_min`]: 2, [`${name}_max`]: most },
    ])
  const many = <T>(of: readonly T[]): T[] => [one(of), ...some(of)]
  const filters: readonly (() => TaskQueryInput)[] = [
    () => ({ repository: many(sample.repositories).map((name) => name.toUpperCase()) }),
    () => ({ owner: many(['ACME', 'other', 'third', 'nobody']) }),
    () => ({ language: many(sample.languages) }),
    () => ({ framework: many(sample.frameworks) }),
    () => ({ miner: one(['linked-pull', 'at-head', 'none']) }),
    () => ({ ecosystem: one(['node', 'python']) }),
    () => ({ licence: many(['mit', 'Apache-2.0']) }),
    () => ({ merged_after: new Date(Date.UTC(2024, upTo(6), 1)) }),
    () => ({ merged_before: new Date(Date.UTC(2024, 6 + upTo(6), 1)) }),
    () => ({ cutoff: time() }),
    () => both('files', 12),
    () => both('lines', 400),
    () => both('fail_to_pass', 9),
    () =>
      one([{ difficulty_min: 1 + upTo(5) }, { difficulty_max: 1 + upTo(5) }, { difficulty_min: 3, difficulty_max: 3 }]),
    () => ({ flag: many(sample.flags) }),
    () => ({ without_flag: one(sample.flags) }),
    () => ({ text: one(['alpha', 'bravo or zulu', 'gamma -alpha', 'delta kilo', '-tango']) }),
    () => ({ exclude: ['acme__shop-1', 'Acme__tool-2@1', 'other__site-3'] }),
    () => ({ exclude_repository: one(sample.repositories) }),
    ...(asOf === undefined
      ? [
          () => one<TaskQueryInput>([{ solve_rate_min: 0.3 }, { solve_rate_max: 0.6 }, { attempts_min: 3 }]),
          () => ({ model: one(sample.models), solve_rate_max: 0.9 }),
          () => one<TaskQueryInput>([{ flag: 'always-solved' }, { without_flag: 'always-solved' }]),
          () => ({ ended_since: upTo(200) }),
        ]
      : []),
  ]
  const sort = one(asOf === undefined ? sorts : sorts.filter((name) => !name.endsWith('solve_rate')))
  const asked = filters.filter(() => chance.upTo(8) === 0).map((filter) => filter())
  return Object.assign({ sort, limit: 1 + upTo(30), as_of: asOf }, ...asked)
}

test('every filter, in every sort and paged, finds what the naive filter finds', async () => {
  const all = await sample.everything(database.db)
  let found = 0
  for (let round = 0; round < 400; round += 1) {
    const query = randomQuery()
    const owners = chance.one([null, null, ['acme'], ['other', 'third'], ['nobody']])
    const { ids, asOf } = await pages(query, owners)
    expect({ query, owners, ids }).toEqual({ query, owners, ids: naiveIds(all, readQuery(query), asOf, owners) })
    found += ids.length
  }
  // It would say little if hardly anything matched.
  expect(found).toBeGreaterThan(3000)
}, 180_000)

test('vetted times are told by the sequence', async () => {
  const all = await sample.everything(database.db)
  const times = all.rows.map(({ publishedAt }) => publishedAt).sort((a, b) => a.getTime() - b.getTime())
  const [after, before] = [times[50], times[150]]
  const query = { vetted_after: after, vetted_before: before, sort: 'oldest' as const }
  const { ids, asOf } = await pages(query)
  expect(ids).toEqual(naiveIds(all, readQuery(query), asOf, null))
  expect(ids.length).toBeGreaterThan(20)
})

test('a set as of a sequence, and as of a time, stays the same for ever', async () => {
  const asOf = (await page({ limit: 1 })).asOf
  const at = (await sample.everything(database.db)).events.at(-1)?.at ?? new Date()
  const queries: TaskQueryInput[] = [
    ...[10, 80, asOf].map((sequence) => ({ as_of: sequence, limit: 1000 })),
    { as_of: at.toISOString(), sort: '-merged', limit: 1000 },
    { as_of: asOf, language: 'python', text: 'alpha', limit: 1000 },
  ]
  const before = await Promise.all(queries.map((query) => pages(query)))
  for (let step = 0; step < 150; step += 1) await chance.happen()
  const after = await Promise.all(queries.map((query) => pages(query)))
  expect(after).toEqual(before)
  expect(before.every(({ ids }) => ids.length > 0)).toBe(true)
  expect((await pages({ limit: 1000 })).ids).not.toEqual(before[2]?.ids)
}, 60_000)

test.each(sorts.filter((name) => !name.endsWith('solve_rate')))(
  'paged by %s while tasks are published, replaced and retired, each comes once',
  async (sort) => {
    const { ids, asOf } = await pages({ sort, limit: 17 }, null, async () => {
      for (let step = 0; step < 4; step += 1) await chance.happen()
      return undefined
    })
    expect(ids).toEqual(naiveIds(await sample.everything(database.db), readQuery({ sort }), asOf, null))
    expect(new Set(ids).size).toBe(ids.length)
  },
  60_000,
)

describe('a stream', () => {
  const streamed = async (given: TaskQueryInput) => {
    const ids: number[] = []
    for await (const { id } of streamTasks(database.db, everyone, readQuery(given))) ids.push(id)
    return ids
  }

  test.each<TaskQueryInput>([
    {},
    { sort: '-merged', language: 'python' },
    { sort: 'solve_rate' },
    { language: 'none' },
  ])('of %j is all pages at once', async (query) => {
    expect(await streamed(query)).toEqual((await pages(query)).ids)
  })

  test('is refused at its first step', async () => {
    await expect(streamed({ text: 'the' })).rejects.toThrow('text holds no word to search for')
  })

  test('that is left in the middle, or read slowly, holds no transaction', async () => {
    const busy = async () =>
      (
        await database.db.execute(
          `select from pg_stat_activity where datname = current_database() and state like 'idle in%'`,
        )
      ).rowCount
    const stream = streamTasks(database.db, everyone, readQuery({}))
    await stream.next()
    expect(await busy()).toBe(0)
    await stream.return()
    expect(await busy()).toBe(0)
  })
})

describe('a cursor', () => {
  test.each<[string, TaskQueryInput]>([
    ['another filter', { language: 'python', limit: 2 }],
    ['another sort', { sort: 'oldest', limit: 2 }],
    ['another time', { as_of: 100, limit: 2 }],
  ])('of %s is refused', async (_, query) => {
    const { nextCursor } = await page({ limit: 2 })
    await expect(page({ ...query, cursor: nextCursor ?? '' })).rejects.toThrow('cursor is none of this query')
  })

  test('may ask for pages of another size, and for other keys', async () => {
    const { nextCursor } = await page({ limit: 2 })
    expect((await page({ limit: 5, fields: 'task', cursor: nextCursor ?? '' })).tasks).toHaveLength(5)
  })

  const made = ['["a",[1,0,null,-4]]', '["a",[1,0,1e999,4]]', String.raw`["a",[1,0,"\ud800",4]]`]
  test.each(['x', 'bm9uc2Vuc2U', ...made.map((text) => Buffer.from(text).toString('base64url'))])(
    '%s is refused',
    async (cursor) => {
      await expect(page({ cursor })).rejects.toThrow('cursor is none of this query')
    },
  )

  test.each<[string, (hash: string, place: readonly unknown[]) => unknown]>([
    ['was changed', (hash, place) => [hash, [...place.slice(0, -1), 3]]],
    ['is of an earlier make', (hash, place) => [hash, ...place]],
  ])('that %s is refused', async (_, change) => {
    const query = { limit: 2, sort: '-lines' } as const
    const { nextCursor } = await page(query)
    const [hash, place] = JSON.parse(Buffer.from(nextCursor ?? '', 'base64url').toString())
    const cursorOf = (content: unknown) => Buffer.from(JSON.stringify(content)).toString('base64url')
    expect((await page({ ...query, cursor: cursorOf([hash, place]) })).tasks).toHaveLength(2)
    const changed = cursorOf(change(hash, place))
    await expect(page({ ...query, cursor: changed })).rejects.toThrow('cursor is none of this query')
  })
})

test.each<[TaskQueryInput, string]>([
  [{ as_of: 1_000_000 }, 'as_of is yet to come'],
  [{ as_of: '2999-01-01' }, 'as_of is yet to come'],
  [{ text: 'the' }, 'text holds no word to search for'],
])('%j is refused', async (query, message) => {
  await expect(page(query)).rejects.toThrow(message)
})
