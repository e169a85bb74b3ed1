import { expect, test } from 'vitest'
import { splitShell } from '../../src/ci/shell.ts'

const words = (text: string) => splitShell(text).map((command) => command.words)

test('splits at && ; | and newlines, and takes quotes off', () => {
  expect(words(`a 'b c' "d \\"e\\"" && f; g | h\ni`)).toEqual([['a', 'b c', 'd "e"'], ['f'], ['g'], ['h'], ['i']])
})

test('keeps what only runs after a failure apart', () => {
  expect(splitShell('a || b && c').map(({ words: [name], after }) => [name, after])).toEqual([
    ['a', 'start'],
    ['b', 'or'],
    ['c', 'and'],
  ])
})

test('assignments before the first word are variables, later ones are arguments', () => {
  expect(splitShell('NODE_ENV=test A="b c" mocha X=1')[0]).toMatchObject({
    assignments: { NODE_ENV: 'test', A: 'b c' },
    words: ['mocha', 'X=1'],
  })
})

test('redirections and substitutions need a shell and are no words', () => {
  const [command] = splitShell('build "$(git rev-parse HEAD)" > out.js 2>&1')
  expect(command).toMatchObject({ shell: true, words: ['build', '$(git rev-parse HEAD)'] })
  expect(splitShell('mocha test')[0]?.shell).toBe(false)
})

test('an unquoted ** is one level to sh, a quoted one is the program’s own', () => {
  expect(words(`tape test/**/*.js 'test/**/*.js'`)).toEqual([['tape', 'test/*/*.js', 'test/**/*.js']])
})

test('control structures are flattened, comments dropped', () => {
  expect(words('if [ -d lib ]; then rm -r lib; fi # why\nmocha')).toEqual([
    ['[', '-d', 'lib', ']'],
    ['rm', '-r', 'lib'],
    ['mocha'],
  ])
})

test('ends on anything, even unclosed quotes and stray operators', () => {
  for (const text of ['', '&&', '"a', "'", '$(', '`x', 'a \\', ')', '(a;b', '${x', '> x'])
    expect(Array.isArray(splitShell(text))).toBe(true)
})
