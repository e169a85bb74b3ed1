import { first } from './first-files.ts'
import type { SamplePull } from './types.ts'

const lin = { login: 'lin', type: 'User' } as const

/** Pulls that no task can be made of, each for another reason. */
export const unsoundPulls: readonly SamplePull[] = [
  {
    number: 20,
    title: 'Say how to run the tests',
    body: 'Fixes #19',
    user: lin,
    style: 'squash',
    issue: { number: 19, title: 'How do I run the tests?', body: 'The README does not tell.' },
    commits: [
      {
        message: 'Document the tests',
        files: { 'README.md': `${first('README.md')}\n\`npm test\` runs the tests.\n` },
      },
    ],
  },
  {
    number: 22,
    title: 'Test that large carts add up',
    body: 'Closes #21',
    user: lin,
    style: 'squash',
    issue: { number: 21, title: 'No test of large carts', body: 'Please add one.' },
    commits: [
      {
        message: 'Test large carts',
        files: {
          'test/large-cart.test.js': `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { total } from '../src/cart.js'

test('adds up a thousand lines', () => {
  assert.equal(total(Array(1000).fill({ cents: 1, count: 2 })), 2000)
})
`,
        },
      },
    ],
  },
  {
    number: 23,
    title: 'Count the pieces in a cart',
    body: 'A small thing that we need in the header.',
    user: lin,
    style: 'squash',
    issue: null,
    commits: [
      {
        message: 'Count pieces',
        files: {
          'src/pieces.js': `/** How many pieces are in a cart. */
export function pieces(lines) {
  return lines.reduce((sum, line) => sum + line.count, 0)
}
`,
          'test/pieces.test.js': `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pieces } from '../src/pieces.js'

test('counts pieces', () => {
  assert.equal(pieces([{ cents: 1, count: 2 }, { cents: 1, count: 3 }]), 5)
})
`,
        },
      },
    ],
  },
  {
    number: 25,
    title: 'Bump the interval of updates',
    body: 'Fixes #24',
    user: { login: 'dependabot[bot]', type: 'Bot' },
    style: 'squash',
    issue: { number: 24, title: 'Updates come too often', body: 'Once a month is enough.' },
    commits: [
      {
        message: 'Bump the interval',
        files: { '.github/dependabot.yml': 'version: 2\nupdates: [{ schedule: { interval: monthly } }]\n' },
      },
    ],
  },
  {
    number: 27,
    title: 'Say what a cart is in one place',
    body: 'Fixes #26',
    user: lin,
    style: 'squash',
    issue: { number: 26, title: 'The code for carts is hard to read', body: 'The sum could be a loop.' },
    commits: [
      {
        message: 'Write the sum as a loop',
        files: {
          'src/pieces.js': `/** How many pieces are in a cart. */
export function pieces(lines) {
  let sum = 0
  for (const line of lines) sum += line.count
  return sum
}
`,
          'test/no-pieces.test.js': `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pieces } from '../src/pieces.js'

test('counts nothing in an empty cart', () => {
  assert.equal(pieces([]), 0)
})
`,
        },
      },
    ],
  },
  {
    number: 29,
    title: 'Give every tenth order away',
    body: 'Fixes #28',
    user: lin,
    style: 'closed',
    issue: { number: 28, title: 'Free orders', body: 'Every tenth order should be free.' },
    commits: [
      { message: 'Give orders away', files: { 'src/free.js': 'export const free = (order) => order % 10 === 0\n' } },
    ],
  },
]
