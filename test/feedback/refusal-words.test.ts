import { expect, test } from 'vitest'
import { refusalWords } from '../../src/feedback/index.ts'
import { reasonSchema } from '../../src/model/index.ts'

test.each(reasonSchema.options)('%s has words for an author, with evidence and without', (reason) => {
  const words = refusalWords(reason)
  for (const text of Object.values(words)) expect(text).toMatch(/^[A-Z"].{8,}/)
  expect(words.explanation).toMatch(/[.]$/)
  expect(words.title).not.toMatch(/[.`]$/)
  expect(JSON.stringify(words)).not.toMatch(/undefined|null/)
  const odd = { base: {}, labels: 'x', strategies: [{ reason, detail: 7 }], paths: [1], count: null, what: [] }
  expect(JSON.stringify(refusalWords(reason, odd))).not.toMatch(/undefined|\[object/)
})

test.each([
  ['no-fail-to-pass', {}, 'No test failed before the fix'],
  ['not-a-release-branch', { base: 'feature/x' }, '`feature/x`'],
  ['too-large', { what: 'sourceLines', count: 3000, limit: 2000 }, 'Changed lines of source: `3000` (at most `2000`)'],
  ['not-consented', { setting: 'labels.exclude', labels: ['no-mining'] }, 'It has `no-mining`'],
  ['not-consented', { why: 'mistakes' }, 'has mistakes'],
  ['flaky', { flaky: ['a', 'b'] }, '`a`, `b`'],
  [
    'install-failed',
    { strategies: [{ reason: 'no-test-framework' }, { reason: 'install-failed', detail: 'npm error `x`' }] },
    '`` npm error `x` ``',
  ],
  ['build-failed', { detail: 'A.java: no symbol', command: 'mvn test' }, 'The first error: `A.java: no symbol`'],
  ['build-failed', { command: 'npm run build' }, 'The command: `npm run build`'],
] as const)('%s with %j says %s', (reason, evidence, said) => {
  expect(Object.values(refusalWords(reason, evidence)).join('\n')).toContain(said)
})
