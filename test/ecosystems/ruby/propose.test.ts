import { expect, test } from 'vitest'
import { explainInstall } from '../../../src/ecosystems/ruby/explain.ts'
import { ruby } from '../../../src/ecosystems/ruby/index.ts'
import { meets } from '../../../src/ecosystems/ruby/requirements.ts'
import { resolveRuby } from '../../../src/ecosystems/ruby/toolchains.ts'
import { recognises } from '../../../src/test-frameworks/index.ts'
import { memoryTree } from '../../memory-tree.ts'

const propose = (files: Readonly<Record<string, unknown>>, rubies: readonly string[] = ['2.7.8', '3.1.2']) =>
  ruby.propose({
    ...{
      tree: memoryTree(files),
      changedPaths: [],
      testPaths: Object.keys(files).filter((path) => /_test\.rb$/.test(path)),
    },
    ...{ mergedAt: new Date('2024-05-01T00:00:00Z'), recognises, gateway: 'http://127.0.0.1:4873' },
    tools: { resolveVersion: async (name, wanted) => (name === 'gems' ? 'abc' : resolveRuby(rubies, wanted)) },
  })
const gemspec = (line: string) => ({ 'shop.gemspec': `Gem::Specification.new do |s|\n  ${line}\nend\n` })
const suite = {
  'test/cart_test.rb':
    "require 'minitest/autorun'\nrequire 'mocha/minitest'\nrequire 'cart'\nbegin\n  require 'simplecov'\nrescue LoadError\nend\nclass CartTest < Minitest::Test\n  def test_adds; end\nend\n",
  'lib/cart.rb': '',
}
const workflow = (versions: string, run: string) => ({
  '.github/workflows/ci.yml': {
    on: 'push',
    jobs: {
      test: {
        'runs-on': 'ubuntu-latest',
        strategy: { matrix: { ruby: versions.split(' ') } },
        steps: [{ uses: 'ruby/setup-ruby@v1', with: { 'ruby-version': '${{ matrix.ruby }}' } }, { run }],
      },
    },
  },
})

test.each([
  ['any', {}, 'ruby 3.1.2 ← the machine (any)'],
  ['.ruby-version', { '.ruby-version': 'ruby-2.7.4\n' }, 'ruby 2.7.8 ← .ruby-version (2.7.4)'],
  ['the Gemfile', { Gemfile: "ruby '~> 2.6'\n" }, 'ruby 2.7.8 ← Gemfile (~> 2.6)'],
  ['the gemspec', gemspec("s.required_ruby_version = ['>= 2.5', '< 3']"), 'ruby 2.7.8 ← shop.gemspec (>= 2.5, < 3)'],
  ['the CI', workflow('2.6 2.7', 'bundle exec rake'), 'ruby 2.7.8 ← .github/workflows/ci.yml job test (2.7)'],
  [
    'the manifest above .ruby-version',
    { '.ruby-version': '2.7.4', ...gemspec("s.required_ruby_version = '>= 3.0'") },
    'ruby 3.1.2 ← shop.gemspec (>= 3.0)',
  ],
])('which Ruby: %s', async (_, files, evidence) => {
  const [first] = await propose({ ...suite, ...files })
  expect(first?.strategy.evidence[0]).toBe(evidence)
  expect(first?.strategy.toolchain).toEqual({ ruby: evidence.split(' ')[1], gems: 'abc' })
})

test.each([
  ['ruby 2.4', { '.ruby-version': '2.4.1\n' }],
  ['ruby ~> 1.9.0', { Gemfile: 'ruby "1.9.3"\n' }],
  ['ruby >= 3.3', gemspec("s.required_ruby_version = '>= 3.3'")],
])('refuses what this machine lacks: %s', async (detail, files) => {
  const proposals = await propose({ ...suite, ...files })
  expect(proposals.map(({ unfollowed }) => unfollowed)).toEqual([
    { reason: 'toolchain-not-available', evidence: { detail } },
  ])
})

test('climbs from the lockfile to those gems that the machine has, which the tests must do with', async () => {
  const files = { ...suite, Gemfile: "gem 'rake'\n", 'Gemfile.lock': 'GEM\n' }
  const proposals = await propose(files)
  expect(proposals.map(({ strategy }) => [strategy.name, strategy.flags])).toEqual([
    ['lockfile', []],
    ['machine', []],
    ['machine-trimmed', ['dependencies-trimmed']],
  ])
  const argv = proposals.map(({ strategy }) => strategy.install.map((command) => command.argv.join(' ')))
  expect(argv[0]).toEqual(['bundle install --local --quiet'])
  expect(argv[2]).toEqual(['ruby .quarry/ruby/gems.rb trimmed minitest/autorun mocha/minitest'])
  const plain = await propose(suite)
  expect(plain.map(({ strategy }) => [strategy.name, strategy.flags])).toEqual([['machine-plain', []]])
})

test.each([
  [
    'the CI, rake seen through',
    {
      ...workflow('3.1', 'bundle exec rake'),
      Rakefile: 'require "rspec/core/rake_task"\nRSpec::Core::RakeTask.new\ntask default: :spec\n',
    },
    [['rspec', []]],
  ],
  [
    'rake alone',
    { Rakefile: 'Rake::TestTask.new { |t| t.pattern = "test/*_test.rb" }\ntask default: :test\n' },
    [['ruby', ['-w', '-Ilib', 'test/*_test.rb']]],
  ],
  [
    'a suite that is started under several settings, once',
    { Rakefile: "task :default do\n  ruby '-Itest test/cart_test.rb'\n  ruby '-Itest -w test/cart_test.rb'\nend\n" },
    [['ruby', ['-Itest', 'test/cart_test.rb']]],
  ],
  ['folders', {}, [['ruby', ['-Ilib', '-Itest', 'test/**/*_test.rb', '!test/**/*_helper.rb']]]],
  [
    'a file that only loads the others',
    {
      ...workflow('3.1', 'ruby -w test/all.rb'),
      'test/all.rb': "Dir['test/*_test.rb'].each { |file| require file }\n",
    },
    [['ruby', ['-w', '-Ilib', '-Itest', 'test/**/*_test.rb', '!test/**/*_helper.rb']]],
  ],
])('which tests: %s', async (_, files, expected) => {
  const [first] = await propose({ ...suite, ...files })
  expect(first?.invocations.map(({ program, arguments: given }) => [program, given])).toEqual(expected)
})

test.each([
  ['no gem of this machine has mocha/minitest\n', 'package-not-available', 'mocha/minitest'],
  ['no gem of this machine is rack (~> 9.0)\n', 'package-not-available', 'rack (~> 9.0)'],
  ["Could not find gem 'rubocop' in cached gems or installed locally.\n", 'package-not-available', 'rubocop'],
  ['Could not find rake-13.2.1 in locally installed gems\n', 'package-not-available', 'rake-13.2.1'],
  ['Your Ruby version is 3.1.2, but your Gemfile specified 2.7.5\n', 'toolchain-not-available', 'ruby 2.7.5'],
  [
    '[!] There was an error parsing `Gemfile`: syntax error, unexpected end\n',
    'install-failed',
    '[!] There was an error parsing `Gemfile`: syntax error, unexpected end',
  ],
])('reads the log of a failed install: %s', (log, reason, detail) => {
  expect(explainInstall(log)).toEqual({ reason, detail })
})

test.each([
  ['3.1.2', '~> 3.0', true],
  ['3.1.2', '~> 3.0.0', false],
  ['3.1.2', '>= 2.5, < 3.1', false],
  ['3.1.2', '!= 3.1.2', false],
  ['3.1.2', '3.1.2', true],
  ['3.1.2', 'whatever', true],
])('%s meets %s: %s', (version, requirement, expected) => {
  expect(meets(version, requirement)).toBe(expected)
})
