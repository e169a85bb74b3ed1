import { describe, expect, test } from 'vitest'
import { readSettings } from '../../src/consent/index.ts'
import type { SettingsProblem } from '../../src/model/index.ts'

function problemsIn(text: string): readonly SettingsProblem[] {
  const read = readSettings(text)
  if (!('problems' in read)) throw new Error(`no mistake in ${JSON.stringify(text.slice(0, 200))}`)
  return read.problems
}

const whole = `enabled: true                # opt in or out
labels: { require: [], exclude: [no-mining] }
paths: { test: ["spec/**"], ignore: ["vendor/**"] }
environment:
  toolchain: { node: "22" }
  install: ["npm ci"]
  build: []
  test: { framework: vitest, command: "npx vitest run" }
  directory: "."             # or a list, for a monorepo
limits: { run_minutes: 10 }
visibility: private          # private | organisation | public
`

test('a whole file is read as it stands', () => {
  expect(readSettings(whole)).toEqual({
    settings: {
      enabled: true,
      labels: { require: [], exclude: ['no-mining'] },
      paths: { test: ['spec/**'], ignore: ['vendor/**'] },
      environment: {
        toolchain: { node: '22' },
        install: ['npm ci'],
        build: [],
        test: { framework: 'vitest', command: 'npx vitest run' },
        directory: '.',
      },
      limits: { run_minutes: 10 },
      visibility: 'private',
    },
  })
})

test.each(['', '\n', '# nothing yet\n', '---\n', '{}', '\uFEFF'])('%j has no settings, and no mistake', (text) => {
  expect(readSettings(text)).toEqual({ settings: {} })
})

test.each([
  ['enabeld: true', 'enabeld', 'Did you mean "enabled"?'],
  ['lables: {}', 'lables', 'Did you mean "labels"?'],
  ['labels: { requires: [] }', 'labels.requires', 'Did you mean "require"?'],
  ['limits: { run-minutes: 3 }', 'limits.run-minutes', 'Did you mean "run_minutes"?'],
  ['Enabled: true', 'Enabled', 'Did you mean "enabled"?'],
  [
    'environment: { toolchain: { perl: "5" } }',
    'environment.toolchain.perl',
    'Known in environment.toolchain: node, python, go, rust, java, ruby.',
  ],
  ['colour: red', 'colour', 'Known: enabled, labels, paths, environment, limits, visibility.'],
  ['__proto__: { enabled: true }', '__proto__', 'Known: '],
])('%s: an unknown key is a mistake, and the nearest is named', (text, path, mend) => {
  expect(problemsIn(text)).toEqual([expect.objectContaining({ path, mend: expect.stringContaining(mend) })])
})

test.each([
  ['enabled: "yes"', 'enabled', 'It must be true or false, but is "yes".'],
  ['enabled: yes', 'enabled', 'It must be true or false, but is "yes".'],
  ['labels: [a]', 'labels', 'It must be a mapping of names to values, but is a list.'],
  ['labels:', 'labels', 'It must be a mapping of names to values, but is empty.'],
  ['labels: { require: bug }', 'labels.require', 'It must be a list, but is "bug".'],
  ['labels: { require: [" "] }', 'labels.require[0]', 'It must not be empty, but is " ".'],
  ['limits: { run_minutes: 0 }', 'limits.run_minutes', 'It must be at least 1, but is 0.'],
  ['limits: { run_minutes: 61 }', 'limits.run_minutes', 'It must be at most 60, but is 61.'],
  ['limits: { run_minutes: 1.5 }', 'limits.run_minutes', 'It must be a whole number, but is 1.5.'],
  ['visibility: secret', 'visibility', 'It must be one of private, organisation, public, but is "secret".'],
  ['environment: { install: npm ci }', 'environment.install', 'It must be a list, but is "npm ci".'],
  ['environment: { install: [] }', 'environment.install', 'It must not be empty, but is an empty list.'],
  ['environment: { build: ["a\\0b"] }', 'environment.build[0]', 'It must not have a NUL character in it'],
  ['environment: { directory: [a, ../b] }', 'environment.directory[1]', 'It must be a folder of the repository'],
  ['environment: { directory: /etc }', 'environment.directory', 'It must be a folder of the repository'],
  ['paths: { test: ["[a"] }', 'paths.test[0]', '"[a" is no pattern of paths.'],
  ['paths: { test: ["{a,b"] }', 'paths.test[0]', '"{a,b" is no pattern of paths.'],
  ['paths: { ignore: ["!a"] }', 'paths.ignore[0]', 'It must neither begin with "!" nor have parentheses'],
  ['paths: { ignore: ["+(a|aa)b"] }', 'paths.ignore[0]', 'It must neither begin with "!" nor have parentheses'],
  ['paths: { ignore: ["*a*a*a"] }', 'paths.ignore[0]', 'It must have fewer "*"'],
  [`labels: { require: [${'a,'.repeat(51)}] }`, 'labels.require', 'It must have at most 50 entries'],
  [`labels: { require: [${'a'.repeat(101)}] }`, 'labels.require[0]', 'It must be at most 100 characters long'],
])('%s is a mistake', (text, path, message) => {
  expect(problemsIn(text)).toEqual([
    expect.objectContaining({ path, message: expect.stringContaining(message), line: 1 }),
  ])
})

test('a number that should be a text keeps the digits its author typed', () => {
  const [problem] = problemsIn('environment:\n  toolchain:\n    node: 22.10\n')
  expect(problem).toMatchObject({ line: 3, column: 11, mend: 'Put it in quotes: "22.10"' })
})

describe('the place of a mistake', () => {
  test.each([
    ['CRLF', 'enabled: true\r\nlimits:\r\n  run_minutes: 90\r\n', 3, 16, 3],
    ['a byte order mark', '\uFEFFenabled: 1\n', 1, 10, 1],
    ['letters beyond ASCII before it', 'labels: { exclude: ["é😀", 3] }\n', 1, 27, 1],
    ['a tab in the indentation', 'limits:\n\trun_minutes: 9\n', 2, 1, 2],
    ['a key given twice', 'enabled: true\n\nenabled: false\n', 3, 1, 3],
    ['an unclosed quote', 'enabled: true\nvisibility: "private\n\n\n', 2, 20, 2],
    ['a value over several lines', 'enabled: true\nlabels:\n  - a\n  - b\nlimits: {}\n', 3, 3, 4],
    ['an empty value', 'enabled: true\nlabels:\n', 2, 1, 2],
    ['a list as the file', '# hello\n- enabled\n', 2, 1, 2],
    ['a text as the file', '\n\nenabled\n', 3, 1, 3],
    ['a mapping in a mapping on one line', 'a: b: c\n', 1, 4, 1],
    ['a list as a key', 'enabled: true\n? [a]\n: b\n', 2, 3, 2],
    ['a second document', 'enabled: true\n---\nenabled: false\n', 2, 1, 2],
    ['a directive', '# old\n%YAML 1.1\n---\nenabled: yes\n', 2, 1, 2],
    ['an unknown tag', 'enabled: true\nlabels: !x {}\n', 2, 9, 2],
    ['an alias without an anchor', 'enabled: true\nlabels: *x\n', 2, 9, 2],
  ])('%s', (_, text, line, column, endLine) => {
    expect(problemsIn(text)[0]).toMatchObject({ line, column, endLine })
  })

  test('all mistakes come out, in the order of the file', () => {
    const problems = problemsIn('visibilty: public\nlimits: { run_minutes: 0 }\nenabled: 1\n')
    expect(problems.map(({ line, path }) => [line, path])).toEqual([
      [1, 'visibilty'],
      [2, 'limits.run_minutes'],
      [3, 'enabled'],
    ])
  })
})

describe('a file that means harm is a mistake, soon told', () => {
  const laughs = `a: &a [x]\n${[...'bcdefgh'].map((name, at) => `${name}: &${name} [${`*${'abcdefg'[at]},`.repeat(9)}]`).join('\n')}\n`
  test.each([
    ['a billion laughs', laughs, 'Anchors and aliases are not read here.'],
    ['brackets without end', '['.repeat(60_000), 'This is nested too deeply.'],
    ['dashes without end', '- '.repeat(30_000), 'This is nested too deeply.'],
    ['more than 64 KiB', `#${'é'.repeat(40_000)}`, 'The file is larger than 64 KiB.'],
    [
      'thousands of keys',
      Array.from({ length: 4000 }, (_, at) => `k${at}: 1`).join('\n'),
      'The file has too many entries.',
    ],
    ['control characters', '\0\u0001\u001b[31m', 'The file must hold settings by their names.'],
  ])('%s', (_, text, message) => {
    const started = performance.now()
    expect(problemsIn(text)[0]?.message).toBe(message)
    expect(performance.now() - started).toBeLessThan(2000)
  })

  test('no beginning of a file throws, nor a file with any one character changed', () => {
    for (let at = 0; at < whole.length; at += 3) {
      for (const mark of ['', '\t', '"', '{', '&', ':', '\n', '\0'])
        expect(() => readSettings(`${whole.slice(0, at)}${mark}${whole.slice(at + 1)}`)).not.toThrow()
      expect(() => readSettings(whole.slice(0, at))).not.toThrow()
    }
  })
})
