import { expect, test } from 'vitest'
import type { Proposal } from '../../src/ecosystems/types.ts'
import { learnedFirst } from '../../src/environment/learned-first.ts'

const ladder = (names: readonly string[], unfollowed: readonly string[] = []) =>
  names.map((name) => ({
    strategy: { name },
    ...(unfollowed.includes(name) ? { unfollowed: { reason: 'install-failed', evidence: {} } } : {}),
  })) as unknown as readonly Proposal[]
const namesOf = (proposals: readonly Proposal[]) => proposals.map(({ strategy }) => strategy.name)
const mergedAt = new Date('2024-06-01T00:00:00Z')
const learned = { ecosystem: 'node', strategy: 'as-of', failed: ['lockfile', 'lockfile-2'], mergedAt }

test('what worked comes before what failed with it', () => {
  const proposals = ladder(['lockfile', 'lockfile-2', 'as-of', 'newest'])
  expect(namesOf(learnedFirst(proposals, learned, mergedAt))).toEqual(['as-of', 'lockfile', 'lockfile-2', 'newest'])
})

test('what was not seen to fail keeps its place before it', () => {
  const proposals = ladder(['frozen', 'lockfile', 'as-of'])
  expect(namesOf(learnedFirst(proposals, learned, mergedAt))).toEqual(['frozen', 'as-of', 'lockfile'])
})

test("what the owners say and can't be followed stays first", () => {
  const proposals = ladder(['lockfile', 'as-of'], ['lockfile'])
  expect(namesOf(learnedFirst(proposals, learned, mergedAt))).toEqual(['lockfile', 'as-of'])
})

test.each([
  ['nothing was learned', null, mergedAt],
  ['it was another time', learned, new Date('2023-06-01T00:00:00Z')],
  ['it is not proposed', { ...learned, strategy: 'newest' }, mergedAt],
])('the ladder stays as it is where %s', (_, lesson, at) => {
  const proposals = ladder(['lockfile', 'as-of'])
  expect(namesOf(learnedFirst(proposals, lesson, at))).toEqual(['lockfile', 'as-of'])
})
