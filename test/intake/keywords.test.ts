import { describe, expect, it } from 'vitest'
import { closingReferences } from '../../src/intake/index.ts'

const context = { repository: 'acme/shop', forge: 'forge.example' }
const own = (text: string) => closingReferences(text, 'markdown', context).own
const inMessage = (text: string) => closingReferences(text, 'message', context).own

describe('a closing keyword', () => {
  it.each(['close', 'closes', 'closed', 'fix', 'fixes', 'fixed', 'resolve', 'resolves', 'resolved'])(
    'is %s, in any case',
    (word) => {
      expect(own(`This ${word} #12.`)).toEqual([12])
      expect(own(`${word.toUpperCase()}: #12`)).toEqual([12])
    },
  )

  it.each([
    ['Fixes GH-12', [12]],
    ['fixes gh-12', [12]],
    ['Fixes acme/shop#12', [12]],
    ['Fixes Acme/Shop#12', [12]],
    ['Fixes https://forge.example/acme/shop/issues/12', [12]],
    ['Fixes https://forge.example/acme/shop/issues/12.', [12]],
    ['(fixes #12)', [12]],
    ['Fixes : #12', [12]],
    ['fixes #1, fixes #2 and closes #1', [1, 2]],
    ['- [x] fixes #3\n- [ ] closes #4', [3, 4]],
    ['fix(parser): closes #5\r\nresolves #6\r\n', [5, 6]],
  ])('takes a reference as in %j', (text, numbers) => {
    expect(own(text)).toEqual(numbers)
  })

  it.each([
    ['Fixes #1, #2', [1]],
    ['see #12', []],
    ['fixing #12', []],
    ['hotfix #12', []],
    ['fixes the bug of #12', []],
    ['Fixes #12abc', []],
    ['Fixes #0', []],
    ['Fixes\n\n#12', []],
    ['Fixes https://forge.example/acme/shop/pull/12', []],
    ['Fixes https://forge.example/acme/shop/issues/12#issuecomment-3', []],
    ['Fixes 12', []],
  ])('needs each its own reference: %j', (text, numbers) => {
    expect(own(text)).toEqual(numbers)
  })

  it('counts for this repository only; others are kept apart', () => {
    const text =
      'Fixes other/place#3, closes https://forge.example/acme/tools/issues/4, resolves https://else.example/acme/shop/issues/5'
    expect(closingReferences(text, 'markdown', context)).toEqual({
      own: [],
      elsewhere: ['other/place#3', 'acme/tools#4', 'else.example/acme/shop#5'],
    })
  })
})

describe('text that GitHub does not read', () => {
  it.each([
    ['a comment', '<!-- Fixes #1 -->'],
    ['a comment over lines', '<!--\nFixes #1\n\n-->'],
    ['a comment that never ends', 'x <!-- Fixes #1'],
    ['a code span', '`Fixes #1`'],
    ['a code span with backticks inside', '`` a ` Fixes #1 ``'],
    ['a code span over two lines', '`a\nFixes #1`'],
    ['a fenced block', '```\nFixes #1\n```'],
    ['a fenced block of tildes with a language', '~~~~ js\nFixes #1\n```\n~~~~'],
    ['a fence that never ends', '```\nFixes #1'],
    ['a fence in a quote', '> ```\n> Fixes #1\n> ```'],
    ['an indented block', 'text\n\n    Fixes #1\n'],
  ])('is %s', (_, text) => {
    expect(own(text)).toEqual([])
    expect(own(`${text}\n`)).toEqual([])
  })

  it.each([
    ['after a comment', '<!-- template --> Fixes #1'],
    ['after a fenced block', '```\ncode\n```\nFixes #1'],
    ['between two code spans', '`a` fixes #1 `b`'],
    ['after a lone backtick', 'a ` b\n\nFixes #1 `x`'],
    ['indented in a list', '- item\n\n    Fixes #1'],
    ['indented in a paragraph', 'text\n    Fixes #1'],
    ['after a comment mark in a code span', '`<!--` Fixes #1'],
    ['in a quote', '> Fixes #1'],
  ])('ends, so that the text counts %s', (_, text) => {
    expect(own(text)).toEqual([1])
  })

  it('is not an indented line of a commit message, which is no Markdown', () => {
    expect(inMessage('subject\n\n    Fixes #1')).toEqual([1])
  })

  it('takes linear time over hostile text', () => {
    const started = performance.now()
    for (const text of [
      '`'.repeat(50_000),
      '<!--'.repeat(50_000),
      'fixes '.repeat(50_000),
      'fixes \t'.repeat(50_000),
      '` '.repeat(50_000),
      'a/'.repeat(50_000),
    ]) {
      own(`${text} Fixes #1`)
      inMessage(`${text}#1`)
    }
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})
