import { describe, expect, test } from 'vitest'
import { readSettings } from '../../src/consent/index.ts'
import { checkRunFor, checkRunForSettings, code } from '../../src/feedback/index.ts'

test('a vetted candidate: success, with the number of tests', () => {
  const failToPass = Array.from({ length: 30 }, (_, at) => `cart.test.js > adds ${at}`)
  const run = checkRunFor({ state: 'vetted', task: 'acme__shop-12', failToPass, passToPass: 41 })
  expect(run).toMatchObject({
    name: 'Quarry',
    conclusion: 'success',
    output: { title: 'Vetted: 30 tests show the fix' },
  })
  expect(run.output.summary).toContain('FAIL_TO_PASS: 30 tests')
  expect(run.output.summary).toContain('PASS_TO_PASS: 41 tests')
  expect(run.output.summary).toContain('- `cart.test.js > adds 19`\n- and 10 more')
})

test('a refusal: neutral, with what to do', () => {
  const run = checkRunFor({ state: 'refused', reason: 'no-fail-to-pass', evidence: {} })
  expect(run).toMatchObject({ conclusion: 'neutral', output: { title: 'No test failed before the fix' } })
  expect(run.output.summary).toContain('Add a test that fails without the change.')
  expect(run.output.summary).toContain('`no-fail-to-pass`')
})

test('mistakes of the settings stand on their lines', () => {
  const read = readSettings('labels:\n  requires: [a]\n')
  const run = checkRunForSettings('problems' in read ? read.problems : [])
  expect(run.conclusion).toBe('failure')
  expect(run.output.annotations).toEqual([
    {
      path: '.github/quarry.yml',
      start_line: 2,
      end_line: 2,
      annotation_level: 'failure',
      title: 'labels.requires',
      message: 'There is no setting "requires" in labels. Did you mean "require"?',
    },
  ])
})

test('no more than fifty annotations, and a word about the rest', () => {
  const problem = { line: 1, column: 1, endLine: 1, path: '', message: 'm', mend: 'd' }
  const { output } = checkRunForSettings(Array.from({ length: 51 }, () => problem))
  expect(output.annotations).toHaveLength(50)
  expect(output.title).toBe('The settings have 51 mistakes')
  expect(output.summary).toContain('The first 50 are shown.')
})

describe('words of a repository are shown, and do nothing', () => {
  const hostile = [
    '@acme/owners please look',
    '![](https://evil.invalid/x.png)',
    '[click](javascript:alert(1))',
    '<img src=x onerror=alert(1)>',
    'https://evil.invalid/ and #12',
    '`` `@acme` ```',
    'a\n\n# heading\n- @acme',
    '\u202Eabc\u0000',
    '```',
    '\\` @acme',
  ]

  test.each(hostile)('%j', (text) => {
    for (const { output } of [
      checkRunFor({ state: 'vetted', task: text, failToPass: [text], passToPass: 1 }),
      checkRunFor({ state: 'refused', reason: 'flaky', evidence: { flaky: [text] } }),
      checkRunFor({ state: 'refused', reason: 'not-a-release-branch', evidence: { base: text } }),
    ])
      expect(withoutSpans(output.summary)).not.toMatch(/@acme|evil|click|<img|#12|# heading|\u202E|\0/)
  })

  test('nothing but spaces, and nothing at all', () => {
    expect(code('')).toBe('(empty)')
    expect(code(' \n ')).toBe('(empty)')
  })

  test('a long word is cut between characters', () => {
    expect(code('😀'.repeat(300), 10)).toBe(`\`${'😀'.repeat(9)}…\``)
  })
})

/** As CommonMark reads code spans (6.1): a run of backticks up to the next run of the same length. */
function withoutSpans(markdown: string): string {
  return markdown.replace(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '')
}
