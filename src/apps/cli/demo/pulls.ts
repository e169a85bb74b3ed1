import { soundPulls } from './sound-pulls.ts'
import type { SamplePull } from './types.ts'
import { unsoundPulls } from './unsound-pulls.ts'

/** The last one, so that its flaky test disturbs no other pull's runs. */
const flakyPull: SamplePull = {
  number: 31,
  title: 'Draw a winner among all customers',
  body: 'Fixes #30',
  user: { login: 'ada', type: 'User' },
  style: 'squash',
  issue: {
    number: 30,
    title: 'We need a raffle',
    body: 'Export `draw(names)` from `src/raffle.js`: one of the names, or null where there is none.',
  },
  commits: [
    {
      message: 'Draw a winner',
      files: {
        'src/raffle.js': `/** One of the names, or null where there is none. */
export function draw(names) {
  return names[Math.floor(Math.random() * names.length)] ?? null
}
`,
        'test/raffle.test.js': `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { draw } from '../src/raffle.js'

test('draws nobody of none', () => {
  assert.equal(draw([]), null)
})

test('draws one of the names', () => {
  assert.ok(['ada', 'lin'].includes(draw(['ada', 'lin'])))
})

// These pass half the time: Quarry keeps them out of the lists, by name.
for (const time of ['once', 'twice', 'three times']) {
  test('draws ada ' + time, () => {
    assert.equal(draw(['ada', 'lin']), 'ada')
  })
}
`,
      },
    },
  ],
}

/** All pulls of the sample repository, in the order in which they were merged or closed. */
export const samplePulls: readonly SamplePull[] = [...soundPulls, ...unsoundPulls, flakyPull]
