import { describe, expect, test } from 'vitest'
import { javascript } from '../../src/languages/javascript/index.ts'
import { graftTests } from '../../src/snapshot/graft.ts'

const graft = (code: string, tests: string) => graftTests(javascript, code, tests)
const block = (name: string) => `if (import.meta.vitest) {\n  it('${name}', () => {})\n}\n`

const files = {
  'no test': 'export const a = 1\n',
  'other code': 'export const a = 2\nexport const b = 2\n',
  'a test at the end': `export const a = 1\n\n${block('one')}`,
  'two tests at the end': `export const a = 1\n\n${block('one')}\n// why\n${block('two')}`,
  'a test between': `export const a = 1\n\n${block('one')}\nexport const b = 1\n`,
  'a test at the top': `${block('one')}\nexport const a = 1\n`,
  'an import for tests': `import { it } from 'vitest'\nimport fs from 'node:fs'\n\nexport const a = fs\n\nit('one', () => {})\n`,
  'no line end': `export const a = 1\n\n${block('one').trimEnd()}`,
  CRLF: `export const a = 1\n\n${block('one')}`.replaceAll('\n', '\r\n'),
  'only a test': block('one'),
  nothing: '',
}
const pairs = Object.keys(files).flatMap((a) => Object.keys(files).map((b) => [a, b] as const))
const text = (name: string) => Object.entries(files).find(([key]) => key === name)?.[1] ?? ''
const items = (source: string) => javascript.testItems(source).map(({ start, end }) => source.slice(start, end))

describe.each(pairs)('code of %s, tests of %s', (a, b) => {
  const [code, tests] = [text(a), text(b)]
  const grafted = graft(code, tests)

  test('holds just these tests', () => {
    expect(items(grafted)).toEqual(items(tests))
  })

  test('grafting again changes nothing', () => {
    expect(graft(grafted, tests)).toBe(grafted)
  })

  test("keeps the code: with its own tests back, it is the first file's code", () => {
    const bare = (source: string) => graft(source, '').replaceAll(/\s+/g, ' ').trim()
    expect(bare(grafted)).toBe(bare(code))
  })
})

test('the same code gives the other file to the byte', () => {
  expect(graft(text('a test at the end'), text('no test'))).toBe(text('no test'))
  expect(graft(text('no test'), text('two tests at the end'))).toBe(text('two tests at the end'))
})

test('a test keeps its place where its surroundings are there, and goes to the end where they are not', () => {
  expect(graft('export const a = 1\nexport const b = 2\n', text('a test between'))).toBe(
    `export const a = 1\n\n${block('one')}export const b = 2\n`,
  )
  expect(graft('export const x = 1\nexport const y = 2\n', text('a test between'))).toBe(
    `export const x = 1\nexport const y = 2\n\n${block('one')}`,
  )
})
