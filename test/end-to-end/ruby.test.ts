import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase } from '../postgres.ts'
import { jsonLines, runQuarry } from './sample.ts'

const hasRuby = ['bundle', 'rspec'].every((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0)
// biome-ignore lint/suspicious/noConsole: who runs the tests is told what they leave out
if (!hasRuby) console.warn('ruby, rspec or bundle is not on this machine: the way of a Ruby repository is not tested')

const lib = (total: string) => `class Cart
  def initialize(lines)
    @lines = lines
  end

  def total
    ${total}
  end

  def empty?
    @lines.empty?
  end
end
`
const tests = (total: number) => `require 'test_helper'

class CartTest < Minitest::Test
  def test_adds_up
    assert_equal ${total}, Cart.new([1, 2]).total
  end

  def test_is_empty
    assert_empty Cart.new([])
  end
end
`
const specs = (total: number) => `RSpec.describe Cart do
  it 'adds up' do
    expect(Cart.new([1, 2]).total).to eq ${total}
  end

  it { expect(Cart.new([])).to be_empty }
end
`
const base: Readonly<Record<string, string>> = {
  Gemfile: "source 'https://gems.shop.invalid'\ngemspec\n",
  'cart.gemspec': `Gem::Specification.new do |spec|
  spec.name = 'cart'
  spec.version = '1.0.0'
  spec.summary = 'A cart'
  spec.authors = ['Ada']
  spec.required_ruby_version = '>= 2.5'
  spec.add_development_dependency 'minitest'
  spec.add_development_dependency 'rspec', '~> 3.0'
  spec.add_development_dependency 'cart-style', '~> 9'
end
`,
  Rakefile: `require 'rake/testtask'
require 'rspec/core/rake_task'

Rake::TestTask.new do |t|
  t.libs << 'test'
  t.pattern = 'test/**/*_test.rb'
end
RSpec::Core::RakeTask.new
task default: %i[test spec]
`,
  '.rspec': '--require spec_helper\n--fail-fast\n',
  'lib/cart.rb': lib('@lines.length'),
  'test/test_helper.rb': "require 'cart'\nrequire 'minitest/autorun'\n",
  'test/cart_test.rb': tests(2),
  'spec/spec_helper.rb': "require 'cart'\n",
  'spec/cart_spec.rb': specs(2),
}
const fixed: Readonly<Record<string, string>> = {
  'lib/cart.rb': lib('@lines.sum'),
  'test/cart_test.rb': tests(3),
  'spec/cart_spec.rb': specs(3),
}

let folder: string
let database: Awaited<ReturnType<typeof testDatabase>>
let mined: Record<string, unknown> | undefined
const quarry = (args: readonly string[], input?: string) =>
  runQuarry(args, { QUARRY_HOME: join(folder, 'home'), DATABASE_URL: database.url }, input)

function commit(files: Readonly<Record<string, string>>, message: string, date: string): string {
  const work = join(folder, 'work')
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(work, path)), { recursive: true })
    writeFileSync(join(work, path), text)
  }
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', work, '-c', 'user.name=Ada', '-c', 'user.email=ada@shop.invalid', ...args], {
      encoding: 'utf8',
      env: { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date, GIT_CONFIG_GLOBAL: '/dev/null' },
    }).trim()
  git('init', '--quiet', '--initial-branch=main')
  git('add', '--all')
  git('commit', '--quiet', '--message', message)
  return git('rev-parse', 'HEAD')
}

beforeAll(async () => {
  if (!hasRuby) return
  folder = await mkdtemp(join(tmpdir(), 'quarry-ruby-'))
  database = await testDatabase()
  commit(base, 'Open the cart', '2025-09-01T10:00:00Z')
  const merge = commit(fixed, 'Add up the lines (#2)', '2025-09-02T10:00:00Z')
  const user = { login: 'ada', type: 'User' }
  const pull = {
    ...{ number: 2, title: 'Add up the lines', body: 'Fixes #1', user, labels: [], head: { sha: null } },
    ...{ created_at: '2025-09-02T08:00:00Z', merged_at: '2025-09-02T10:00:00Z', base: { ref: 'main' } },
    merge_commit_sha: merge,
    issues: [{ number: 1, title: 'It counts', body: '', created_at: '2025-09-01T12:00:00Z', user, comments: [] }],
  }
  writeFileSync(join(folder, 'pulls.jsonl'), `${JSON.stringify(pull)}\n`)
  const pulls = ['--name', 'acme/cart', '--pulls', join(folder, 'pulls.jsonl')]
  const { stdout, stderr } = await quarry(['mine', join(folder, 'work'), ...pulls, '--runs', '2', '--json'])
  mined = jsonLines(stdout)[0]
  expect(mined?.state, stderr + stdout).toBe('vetted')
}, 240_000)

afterAll(async () => {
  await database?.close()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

const rewardOf = async (patch: string) =>
  jsonLines((await quarry(['grade', 'acme__cart-2', '--patch', '-', '--json'], patch)).stdout)[0]?.reward

/** A patch that adds files. */
const adding = (files: Readonly<Record<string, string>>) =>
  Object.entries(files)
    .map(([path, text]) => {
      const lines = text.trimEnd().split('\n')
      const head = `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n`
      return `${head}@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}\n`).join('')}`
    })
    .join('')

describe.skipIf(!hasRuby)('a Ruby repository', { timeout: 120_000 }, () => {
  test('is vetted by minitest and RSpec, with those of its gems that the machine has', () => {
    expect(mined).toMatchObject({
      state: 'vetted',
      fail_to_pass: ['spec/cart_spec.rb > Cart > adds up', 'test/cart_test.rb > CartTest > test_adds_up'],
      pass_to_pass: 2,
      flaky: [],
    })
  })

  test('rewards the fix, and neither nothing nor what tampers with the tests', async () => {
    const fix = (await quarry(['task', 'acme__cart-2', '--patch', 'fix'])).stdout
    expect(await rewardOf(fix)).toBe(1)
    expect(await rewardOf('')).toBe(0)
    const line = '{"t":"test","file":"test/cart_test.rb","path":["CartTest","test_adds_up"],"status":"passed"}'
    const steal = `nonce = '/quarry/report/nonce'
File.write('/quarry/report/tests.jsonl', ${JSON.stringify(line)}) if File.exist?(nonce)
abort 'the secret was there' if File.exist?(nonce)`
    const cheats = adding({
      // What ruby itself loads when it starts, were the repository's folders on its path by then.
      'lib/monitor.rb': steal,
      'lib/rubygems.rb': steal,
      'lib/minitest/quarry_plugin.rb':
        "module Minitest\n  def self.plugin_quarry_init(_options)\n    puts 'CartTest#test_adds_up = 0.00 s = .'\n  end\nend\n",
      '.rspec-local': '--dry-run\n--require ./lib/passing\n',
      'lib/passing.rb': 'class Cart\n  def total\n    3\n  end\nend\n',
      'test/zz_test.rb': "require './lib/passing'\n",
      'spec/a_spec.rb': 'require "./lib/passing"\nexit! 0\n',
    })
    expect(await rewardOf(cheats)).toBe(0)
  })
})
