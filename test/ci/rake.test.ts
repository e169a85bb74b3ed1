import { expect, test } from 'vitest'
import { seeThrough } from '../../src/ci/see-through.ts'
import { memoryTree } from '../memory-tree.ts'

const see = async (text: string, files: Readonly<Record<string, unknown>>): Promise<readonly string[]> =>
  (await seeThrough(memoryTree(files), { text, directory: '.', variables: {} }, 'ci')).map(({ words }) =>
    words.join(' '),
  )

test("gives what a Rakefile's tasks of tests start, with their prerequisites", async () => {
  const Rakefile = `require 'rake/testtask'
Rake::TestTask.new(:unit) do |t|
  t.libs << 'test' << 'lib'
  t.test_files = FileList['test/unit/**/*_test.rb',
                          'test/extra_test.rb'].exclude('test/unit/slow_test.rb')
  t.warning = false
end
Rake::TestTask.new { |t| t.pattern = "test/**/test_*.rb" }
Minitest::TestTask.create(:mini)
RSpec::Core::RakeTask.new('spec') do |t|
  t.pattern = 'spec/**/*_spec.rb'
  t.rspec_opts = ['--tag', '~slow']
end
namespace :ci do
  task(all: [:unit, "spec"])
  task :more => %w[all] do
    sh "#{FileUtils::RUBY} -w test/more.rb"
    Rake::Task['mini'].invoke
  end
end
task default: 'ci:more'
`
  const unit = 'ruby -Ilib -Itest test/unit/**/*_test.rb test/extra_test.rb !test/unit/slow_test.rb'
  const spec = 'rspec --pattern spec/**/*_spec.rb --tag ~slow'
  const mini = 'ruby -w -Ilib -Itest test/**/test_*.rb test/**/*_test.rb spec/**/*_spec.rb'
  expect(await see('bundle exec rake unit', { Rakefile })).toEqual([unit])
  expect(await see('rake test', { Rakefile })).toEqual(['ruby -w -Ilib test/**/test_*.rb'])
  expect(await see('rake', { Rakefile })).toEqual([unit, spec, mini, 'ruby -w test/more.rb'])
})

test('reads tasks of their own files, and leaves a call that it knows nothing of as it is', async () => {
  const tree = {
    'rakelib/check.rake': 'task :check do\n  sh "rspec spec/fast"\nend\n',
    Rakefile: 'task :loop => :loop\n',
  }
  expect(await see('rake check', tree)).toEqual(['rspec spec/fast'])
  expect(await see('rake unknown', tree)).toEqual(['rake unknown'])
  expect(await see('rake loop', tree)).toEqual(['rake loop'])
  expect(await see('rake', {})).toEqual(['rake'])
})
