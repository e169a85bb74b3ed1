import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { frameworkNamed, recognise } from '../../src/test-frameworks/index.ts'
import { invocationOf, makeProject, run, type Trial, viewOf } from './trial.ts'

const hasRuby = spawnSync('rspec', ['--version'], { stdio: 'ignore' }).status === 0

const minitestFile =
  "require 'test_helper'\nclass CartTest < Minitest::Test\n  def test_adds\n    assert true\n  end\nend\n"

async function planFor(program: string, given: readonly string[], files: Readonly<Record<string, string>>) {
  const plan = await recognise(invocationOf({ program, arguments: given }), viewOf(files))
  if (plan === null) return null
  return { plan, paths: await frameworkNamed(plan.framework).testPaths(plan, viewOf(files)) }
}

test('minitest is what ruby runs where its files or their helpers say so', async () => {
  const files = { 'test/cart_test.rb': minitestFile, 'test/test_helper.rb': "require 'minitest/autorun'\n" }
  const given = ['-w', '-Ilib', '-I', 'test', '-r', 'test_helper', 'test/**/*_test.rb', '!test/slow_test.rb', '-n', 'x']
  const found = await planFor('ruby', given, files)
  expect(found?.plan).toMatchObject({
    framework: 'minitest',
    arguments: ['test/**/*_test.rb', '!test/slow_test.rb'],
    nodeArguments: ['-w', '-Ilib', '-Itest', '-rtest_helper'],
  })
  expect(found?.paths).toEqual({ tests: ['test/**/*_test.rb'], support: ['test/test_helper.rb'], configuration: [] })
  const unit = { 'test/cart_test.rb': "require 'helper'\n", 'test/helper.rb': "require 'test/unit'\n" }
  expect((await planFor('ruby', ['-Ilib', 'test/cart_test.rb'], unit))?.plan.framework).toBe('test-unit')
  expect(await planFor('ruby', ['tool.rb'], { 'tool.rb': 'puts 1\n' })).toBeNull()
  expect(await planFor('ruby', ['-e', 'puts 1'], files)).toBeNull()
})

test('RSpec is what rspec runs, with its options files and what they load', async () => {
  const files = {
    '.rspec': '--require spec_helper\n--format documentation\n',
    'spec/spec_helper.rb': '',
    'spec/cart_spec.rb': '',
    'spec/unit/till_spec.rb': '',
  }
  expect((await planFor('rspec', [], files))?.paths).toEqual({
    tests: ['spec/**/*_spec.rb'],
    support: ['spec/spec_helper.rb', 'spec/spec_helper.rb'],
    configuration: ['.rspec'],
  })
  const found = await planFor(
    'ruby',
    ['-S', 'rspec', '--fail-fast', '-t', 'fast', 'spec/unit', 'spec/cart_spec.rb:3'],
    files,
  )
  expect(found?.plan.arguments).toEqual(['-t', 'fast', 'spec/unit', 'spec/cart_spec.rb:3'])
  expect(found?.paths.tests).toEqual(['spec/unit/**/*_spec.rb', 'spec/cart_spec.rb'])
})

const folder = join(tmpdir(), 'quarry-test-frameworks', 'ruby')

async function runWith(
  program: string,
  given: readonly string[],
  files: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string>> = {},
): Promise<Trial> {
  const plan = await recognise(invocationOf({ program, arguments: given, variables }), viewOf(files))
  if (plan === null) throw new Error('not recognised')
  const framework = frameworkNamed(plan.framework)
  return run(framework, framework.command(plan, null), await makeProject(folder, files), process.execPath)
}

describe.skipIf(!hasRuby)("Ruby's reporters", () => {
  const broken = (head: string, group: string) =>
    `${head}${group} 'broken' do\n  it('is lost') {}\n  Nothing.here\nend\n`
  const whole = (head: string, group: string) => `${head}${group} 'whole' do\n  it('stays') {}\nend\n`

  test.each([
    ['ruby', ['test/*_test.rb'], 'test', "require 'minitest/autorun'\n", 'describe'],
    ['rspec', [], 'spec', '', 'RSpec.describe'],
  ] as const)('%s: a file that does not load fails by itself', async (program, given, kind, head, group) => {
    const files = { [`${kind}/a_${kind}.rb`]: broken(head, group), [`${kind}/b_${kind}.rb`]: whole(head, group) }
    const { tests, complete, output } = await runWith(program, given, files)
    expect(complete, output).toBe(true)
    const told = tests.map(({ file, path, status }) => [file, path.join(' > '), status])
    expect(told).toContainEqual([`${kind}/a_${kind}.rb`, '', 'errored'])
    expect(told).toContainEqual([`${kind}/b_${kind}.rb`, 'whole > stays', 'passed'])
  })

  test('nothing of the repository runs before the secret is safe', async () => {
    const steal = "abort 'the secret was there' if Dir[File.join(ENV['HOME'], 'report', 'nonce')].any?\n"
    const own = Object.fromEntries(
      ['monitor', 'rbconfig', 'rubygems', 'digest', 'early'].map((name) => [`lib/${name}.rb`, steal]),
    )
    const files = { ...own, 'test/a_test.rb': whole("require 'early'\nrequire 'minitest/autorun'\n", 'describe') }
    const given = ['-Ilib', 'test/a_test.rb']
    const { tests, complete, output } = await runWith('ruby', given, files, { RUBYLIB: 'lib', RUBYOPT: '-rearly' })
    expect(complete, output).toBe(true)
    expect(tests.map(({ status }) => status)).toEqual(['passed'])
  })

  test('what an example without a name is called does not hang on how it ends', async () => {
    const spec = (value: number) => ({
      'spec/a_spec.rb': `RSpec.describe 'a' do\n  it { expect(1).to eq ${value} }\nend\n`,
    })
    const [passed, failed] = [await runWith('rspec', [], spec(1)), await runWith('rspec', [], spec(2))]
    expect([...passed.tests, ...failed.tests].map(({ path, status }) => [path.at(-1), status])).toEqual([
      ['example in line 2', 'passed'],
      ['example in line 2', 'failed'],
    ])
  })
})
