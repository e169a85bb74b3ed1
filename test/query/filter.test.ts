import { describe, expect, test } from 'vitest'
import { taskFilterSchema } from '../../src/query/filter.ts'
import { problemsOf, RefusedQuery, readQuery } from '../../src/query/refused.ts'

/** What is wrong with a query, as `field: problem (mend)`. */
function refusalsOf(given: Record<string, unknown>): readonly string[] {
  try {
    readQuery(given)
    return []
  } catch (error) {
    if (!(error instanceof RefusedQuery)) throw error
    return error.problems.map(({ field, problem, mend }) => `${field}: ${problem} (${mend})`)
  }
}

test('a query string and JSON say the same', () => {
  const text = readQuery({ repository: 'acme/shop', files_min: '2', as_of: '12', limit: '7' })
  expect(text).toEqual({
    repository: ['acme/shop'],
    files_min: 2,
    as_of: 12,
    limit: 7,
    sort: 'newest',
  })
  expect(readQuery({ repository: ['acme/shop'], files_min: 2, as_of: 12, limit: 7 })).toEqual(text)
  expect(readQuery({ solve_rate_max: '0.5' })).toEqual(readQuery({ solve_rate_max: 0.5 }))
  expect(readQuery({ as_of: '2024-05-01' }).as_of).toEqual(new Date('2024-05-01T00:00:00Z'))
  expect(readQuery({ fields: 'task,flags' }).fields).toEqual(['task', 'flags'])
})

describe('a query that says nothing sound is refused, with the field and the mend', () => {
  test.each<[Record<string, unknown>, RegExp]>([
    [{ langauge: 'go' }, /^langauge: is not known \(perhaps language is meant\)$/],
    [{ nothing_like_it: 1 }, /^nothing_like_it: is not known \(known are repository, owner/],
    [{ repository: 'shop' }, /^repository\[0\]: is not written as it should be \(repositories.*e\.g\. acme\/shop\)$/],
    [{ language: '' }, /^language\[0\]: is not text of 1 to 300/],
    [{ language: [] }, /^language: is not a list of 1 to/],
    [{ language: 'a\0b' }, /^language\[0\]: holds characters that are no text/],
    [{ text: 'x'.repeat(1001) }, /^text: is not text of 1 to 1000/],
    [{ files_min: 'many' }, /^files_min: is not a whole number from 0 to 2147483647 \(the fix changes/],
    [{ files_min: '1.5' }, /^files_min: is not a whole number/],
    [{ files_min: -1 }, /^files_min: is not a whole number/],
    [{ files_min: 9e9 }, /^files_min: is not a whole number/],
    [{ files_min: ['1', '2'] }, /^files_min: is not a whole number/],
    [{ files_min: 3, files_max: 2 }, /^files_min: is 3, above files_max, 2 \(swap/],
    [{ difficulty_min: 6 }, /^difficulty_min: is not a whole number from 1 to 5/],
    [{ solve_rate_min: 1.1 }, /^solve_rate_min: is not a number from 0 to 1/],
    [{ solve_rate_min: Number.NaN }, /^solve_rate_min: is not a number from 0 to 1/],
    [{ merged_after: 'yesterday' }, /^merged_after: is neither a date nor a time/],
    [{ merged_after: '2024-02-31T99:00:00Z' }, /^merged_after: is neither a date nor a time/],
    [{ merged_after: '2024-05-02', merged_before: '2024-05-01' }, /^merged_after: is not before merged_before/],
    [{ flag: 'missing-befor' }, /^flag\[0\]: is not known: perhaps missing-before is meant \(one of diff-unverified/],
    [{ sort: 'random' }, /^sort: is none of the names that are known \(one of newest/],
    [{ fields: 'task,titel' }, /^fields\[1\]: is not known: perhaps title is meant/],
    [{ limit: 1001 }, /^limit: is not a whole number from 1 to 1000/],
    [{ limit: 0 }, /^limit: is not a whole number from 1 to 1000/],
    [{ as_of: 'soon' }, /^as_of: is neither a sequence number nor a time/],
    [{ as_of: -1 }, /^as_of: is not a whole number from 0/],
    ...(['solve_rate_min', 'solve_rate_max', 'attempts_min', 'model', 'ended_since'] as const).map(
      (field): [Record<string, unknown>, RegExp] => [
        { as_of: 1, [field]: field === 'model' ? 'm' : 1 },
        new RegExp(`^${field}: changes over time`),
      ],
    ),
    [{ as_of: 1, sort: '-solve_rate' }, /^sort: changes over time/],
    [{ as_of: 1, flag: 'always-solved' }, /^flag: changes over time/],
    [{ as_of: 1, without_flag: ['never-solved'] }, /^without_flag: changes over time/],
    [{ as_of: 1, fields: ['solve_rate'] }, /^fields: changes over time/],
  ])('%j', (given, expected) => {
    expect(refusalsOf(given)).toEqual([expect.stringMatching(expected)])
  })

  test('everything that is wrong is told at once', () => {
    expect(refusalsOf({ limit: 0, sort: 'x', langage: 'go' })).toHaveLength(3)
  })

  test('a filter alone, as a lease has it, takes no page', () => {
    const read = taskFilterSchema.safeParse({ language: 'go', limit: 3 })
    expect(read.success ? [] : problemsOf(read.error, Object.keys(taskFilterSchema.shape))).toMatchObject([
      { field: 'limit', problem: 'is not known' },
    ])
  })
})
