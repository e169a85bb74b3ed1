import type { Invocation } from '../../src/test-frameworks/index.ts'

/** How tests are written for one framework: the same four promises in its own words. */
export interface Dialect {
  readonly framework: string
  readonly invocation: Pick<Invocation, 'program' | 'arguments'>
  /** Name of a test file that the invocation finds. */
  file(name: string): string
  /** A test that passes, below the framework's suites where it has any; a failing one, a skipped one. */
  statuses: string
  /** Where the passing test stands. */
  passing: readonly string[]
  /** One passing test whose name is the expression in the framework's own language; a text in single quotes is one in all of them. */
  named(expression: string): string
  /** The suites that this test stands in; left out: none. */
  readonly namedIn?: readonly string[]
  /** An expression of a name that is hard to carry, and code that spoils what a report could be written with; left out: those of JavaScript. */
  readonly oddName?: string
  readonly sabotage?: string
  /** A test that leaves the process as if all were well, with tests before and after it. */
  leaving: string
}

/** A framework in one version. */
export interface Specimen {
  readonly dialect: Dialect
  readonly version: string
  readonly packages: readonly string[]
  /** Major of the node it runs on; null: the one that runs these tests. */
  readonly node: number | null
  /** A program of the machine that it needs (`rspec`), for what is no package of npm; left out: none. */
  readonly needs?: string
}

function describeDialect(
  framework: string,
  head: string,
  skip: string,
  file: (name: string) => string,
  given: readonly string[],
): Dialect {
  return {
    framework,
    invocation: { program: framework, arguments: given },
    file,
    statuses: `${head}
describe('outer', function () {
  describe('inner', function () { it('passes', function () { check() }) })
  it('fails', function () { throw new Error('as it should') })
  ${skip}('skips', function () {})
})`,
    passing: ['outer', 'inner', 'passes'],
    named: (expression) => `${head}\nit(${expression}, function () { check() })`,
    leaving: `${head}
it('before', function () { check() })
it('leaves', function () { process.exit(0) })
it('after', function () { check() })`,
  }
}

/** Frameworks whose tests take an object of assertions and end by `t.end()`. */
function tapDialect(framework: string, given: readonly string[]): Dialect {
  const head = `const test = require('${framework}').test`
  return {
    framework,
    invocation: { program: framework, arguments: given },
    file: (name) => `test/${name}.js`,
    statuses: `${head}
test('outer', function (t) { t.test('passes', function (s) { s.ok(true); s.end() }); t.end() })
test('fails', function (t) { t.ok(false); t.end() })
test('skips', { skip: true }, function (t) { t.end() })`,
    passing: ['outer', 'passes'],
    named: (expression) => `${head}\ntest(${expression}, function (t) { t.ok(true); t.end() })`,
    leaving: `${head}
test('before', function (t) { t.ok(true); t.end() })
test('leaves', function () { process.exit(0) })
test('after', function (t) { t.ok(true); t.end() })`,
  }
}

const noCheck = 'const check = () => {}'
const inTest = (name: string) => `test/${name}.test.js`

export const mocha = describeDialect('mocha', noCheck, 'it.skip', inTest, ['--recursive', '--reporter', 'dot'])
export const jest = describeDialect('jest', noCheck, 'it.skip', inTest, ['--coverage'])
export const jasmine = describeDialect(
  'jasmine',
  'const check = () => expect(1).toBe(1)',
  'xit',
  (name) => `spec/${name}Spec.js`,
  ['spec/*.js'],
)
export const vitest = describeDialect(
  'vitest',
  `import { describe, it } from 'vitest'\n${noCheck}`,
  'it.skip',
  inTest,
  ['run', '--coverage'],
)
export const tape = tapDialect('tape', ['test/*.js'])
export const tap = tapDialect('tap', ['test/*.js'])

export const nodeTest: Dialect = {
  ...describeDialect('node-test', `const { describe, it } = require('node:test')\n${noCheck}`, 'it.skip', inTest, []),
  invocation: { program: 'node', arguments: ['--test', 'test/*.test.js'] },
}

export const borp: Dialect = {
  ...nodeTest,
  framework: 'borp',
  invocation: { program: 'borp', arguments: ['--coverage', '-p', 'test/*.test.js', '--expose-gc'] },
}

export const ava: Dialect = {
  framework: 'ava',
  invocation: { program: 'ava', arguments: ['test/*.js', '--verbose'] },
  file: (name) => `test/${name}.js`,
  statuses: `const test = require('ava')
test('passes', t => t.pass())
test('fails', t => t.fail())
test.skip('skips', t => t.pass())`,
  passing: ['passes'],
  named: (expression) => `const test = require('ava')\ntest(${expression}, t => t.pass())`,
  leaving: `const test = require('ava')
test.serial('before', t => t.pass())
test.serial('leaves', () => { process.exit(0) })
test.serial('after', t => t.pass())`,
}

/** A specimen by its framework's package and version; `node:test` comes with a node of its own. */
export function specimen(dialect: Dialect, version: string, node: number | null = null): Specimen {
  const own = dialect === nodeTest ? [] : [`${dialect.framework}@${version}`]
  const runtime = node === null ? [] : [`node-${process.platform}-${process.arch}@${node}`]
  return { dialect, version, packages: [...own, ...runtime], node }
}

/** A framework that is on the machine, or is not: with the program that tells. */
export function machines(dialect: Dialect, needs: string): Specimen {
  return { dialect, version: "of the machine's", packages: [], node: null, needs }
}

/** What Ruby's frameworks have in common: `describe` and `it` in blocks. */
function rubyDialect(framework: string, head: string, group: string, file: (name: string) => string): Dialect {
  const it = (name: string, body: string) => `  it(${name}) { ${body} }`
  const below = (name: string, ...lines: readonly string[]) =>
    `${head}${group} '${name}' do\n${lines.join('\n')}\nend\n`
  return {
    framework,
    invocation: { program: framework, arguments: [] },
    file,
    statuses: below(
      'outer',
      `  describe 'inner' do\n  ${it("'passes'", '')}\n  end`,
      it("'fails'", "raise 'as it should'"),
      it("'skips'", "skip 'not yet'"),
    ),
    passing: ['outer', 'inner', 'passes'],
    named: (expression) => below('named', it(expression, '')),
    namedIn: ['named'],
    oddName: `"line\\nline \\u0007 \\u{1F389} " + 'long ' * 700`,
    sabotage: `
class IO
  def syswrite(*)
    raise 'no'
  end
end
class << File
  def open(*)
    raise 'no'
  end
  alias new open
end
class Digest::SHA256
  def digest(*)
    'spoofed'
  end
  alias update digest
end
class String
  def unpack(*)
    ['spoofed']
  end
end
def Process.clock_gettime(*)
  0
end
`,
    leaving: below('leaving', it("'before'", ''), it("'leaves'", 'exit 0'), it("'after'", '')),
  }
}

export const minitest: Dialect = {
  ...rubyDialect('minitest', "require 'minitest/autorun'\n\n", 'describe', (name) => `test/${name}_test.rb`),
  invocation: { program: 'ruby', arguments: ['-w', '-Ilib:test', 'test/**/*_test.rb'] },
}
export const rspec: Dialect = {
  ...rubyDialect('rspec', '', 'RSpec.describe', (name) => `spec/${name}_spec.rb`),
  invocation: { program: 'rspec', arguments: ['--format', 'documentation', '--fail-fast'] },
}

/** test-unit's classes; a name is a method's. */
export const testUnit: Dialect = {
  ...minitest,
  framework: 'test-unit',
  statuses: `require 'test/unit'

class OuterTest < Test::Unit::TestCase
  test('passes') { }
  test('fails') { raise 'as it should' }
  test('skips') { omit 'not yet' }
end
`,
  passing: ['OuterTest', 'passes'],
  named: (expression) =>
    `require 'test/unit'\n\nclass NamedTest < Test::Unit::TestCase\n  test(${expression}) { }\nend\n`,
  namedIn: ['NamedTest'],
  leaving: `require 'test/unit'

class LeavingTest < Test::Unit::TestCase
  test('before') { }
  test('leaves') { exit 0 }
  test('after') { }
end
`,
}

/** One old major of each framework of Node's. */
export const oldest: readonly Specimen[] = [
  specimen(mocha, '6'),
  specimen(tape, '4'),
  specimen(ava, '3'),
  specimen(jest, '26'),
  specimen(vitest, '1'),
  specimen(jasmine, '3'),
  specimen(tap, '15'),
  specimen(borp, '0.10'),
  specimen(nodeTest, '18', 18),
]
