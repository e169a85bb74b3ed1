import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { added, type Files, makeSmallRepository, type SmallRepository } from './small-repository.ts'

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
const base: Files = {
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
const fixed: Files = {
  'lib/cart.rb': lib('@lines.sum'),
  'test/cart_test.rb': tests(3),
  'spec/cart_spec.rb': specs(3),
}

let repository: SmallRepository
let mined: Readonly<Record<string, unknown>> | undefined

beforeAll(async () => {
  if (!hasRuby) return
  repository = await makeSmallRepository('cart', base, fixed)
  const { line, told } = await repository.mine()
  mined = line
  expect(line?.state, told).toBe('vetted')
}, 240_000)

afterAll(async () => {
  await repository?.remove()
})

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
    expect(await repository.rewardOf(await repository.patchOf('fix'))).toBe(1)
    expect(await repository.rewardOf('')).toBe(0)
    const line = '{"t":"test","file":"test/cart_test.rb","path":["CartTest","test_adds_up"],"status":"passed"}'
    const steal = `nonce = '/quarry/report/nonce'
File.write('/quarry/report/tests.jsonl', ${JSON.stringify(line)}) if File.exist?(nonce)
abort 'the secret was there' if File.exist?(nonce)`
    const cheats = {
      // What ruby itself loads when it starts, were the repository's folders on its path by then.
      'lib/monitor.rb': steal,
      'lib/rubygems.rb': steal,
      'lib/minitest/quarry_plugin.rb':
        "module Minitest\n  def self.plugin_quarry_init(_options)\n    puts 'CartTest#test_adds_up = 0.00 s = .'\n  end\nend\n",
      '.rspec-local': '--dry-run\n--require ./lib/passing\n',
      'lib/passing.rb': 'class Cart\n  def total\n    3\n  end\nend\n',
      'test/zz_test.rb': "require './lib/passing'\n",
      'spec/a_spec.rb': 'require "./lib/passing"\nexit! 0\n',
    }
    const patch = Object.entries(cheats).map(([path, text]) => added(path, text))
    expect(await repository.rewardOf(patch.join(''))).toBe(0)
  })
})
