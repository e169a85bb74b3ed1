# frozen_string_literal: true

# Started by an install. `gems.rb whole GEMFILE` makes a Gemfile of our own, beside which bundler may write, out of the repository's. `gems.rb trimmed
# NAME…` lists there those gems of the manifests that this machine has, and fails where one is missing that the repository's own code asks for: what
# the gem needs to run, or what the tests load (the names, as `require` takes them).

require 'bundler'
require 'fileutils'

folder = '.quarry/ruby'
mode, *names = ARGV
FileUtils.mkdir_p(folder)
if mode == 'whole'
  File.write("#{folder}/Gemfile", "eval_gemfile File.expand_path('../../#{names[0]}', __dir__)\n")
  exit
end

def here?(dependency)
  Gem::Specification.find_all_by_name(dependency.name, dependency.requirement).any?
end

def loadable?(name)
  return true if Gem::Specification.find_by_path(name) || Gem::Specification.find { |spec| spec.contains_requirable_file?(name) }
  $LOAD_PATH.any? { |path| %w[.rb .so].any? { |ending| File.exist?(File.join(path.to_s, name.delete_suffix(ending) + ending)) } }
end

def manifests
  gemfile = %w[Gemfile gems.rb].find { |name| File.exist?(name) }
  return Dir['*.gemspec'].sort.map { |path| Gem::Specification.load(path) }.compact.then { |specs| [[], specs] } unless gemfile
  dsl = Bundler::Dsl.new
  dsl.eval_gemfile(Pathname(File.expand_path(gemfile)))
  [dsl.dependencies, dsl.gemspecs]
rescue Bundler::GemfileError => e
  abort "error in #{gemfile}: #{e.message}"
end

dependencies, specs = manifests
own = specs.map(&:name)
needed = specs.flat_map(&:runtime_dependencies).reject { |dependency| own.include?(dependency.name) }
wanted = (needed + specs.flat_map(&:development_dependencies) + dependencies).reject do |dependency|
  own.include?(dependency.name) || dependency.name == 'bundler' || (dependency.respond_to?(:should_include?) && !dependency.should_include?)
end
needed.each { |dependency| abort "no gem of this machine is #{dependency.name} (#{dependency.requirement})" unless here?(dependency) }
names.each { |name| abort "no gem of this machine has #{name}" unless loadable?(name) }

kept, left = wanted.uniq(&:name).partition { |dependency| here?(dependency) }
puts "left out: #{left.map(&:name).join(', ')}" unless left.empty?
File.write("#{folder}/Gemfile", kept.map { |each| "gem #{each.name.dump}, #{each.requirement.as_list.map(&:dump).join(', ')}\n" }.join)
