# frozen_string_literal: true

# Starts RSpec with a formatter of ours: the arguments are RSpec's own. Works with RSpec 3.

writer = QuarryReport.claim
arguments = QuarryReport.arguments(ARGV)
require 'rspec/core'

module QuarryRSpec
  class << self
    attr_accessor :writer
  end

  class Formatter
    RSpec::Core::Formatters.register self, :example_started, :example_passed, :example_failed, :example_pending, :stop

    def initialize(_output)
      @open = 0
    end

    def example_started(_notification)
      @open += 1
    end

    def example_passed(notification)
      report(notification.example, 'passed')
    end

    def example_pending(notification)
      report(notification.example, 'skipped')
    end

    def example_failed(notification)
      error = notification.example.execution_result.exception
      report(notification.example, 'failed', error && "#{error.class}: #{error.message}\n#{(error.backtrace || []).first(8).join("\n")}")
    end

    # An example that leaves the process is never told of again, but the end is.
    def stop(_notification)
      QuarryRSpec.writer&.end if @open.zero? && !quitting?
    end

    private

    def quitting?
      RSpec.world.respond_to?(:rspec_is_quitting) && RSpec.world.rspec_is_quitting
    end

    def report(example, status, message = nil)
      @open -= 1
      QuarryRSpec.writer&.test(
        file: example.metadata[:rerun_file_path] || example.metadata[:file_path], path: path_of(example),
        status: status, seconds: example.execution_result.run_time, message: message
      )
    end

    # An example without a name of its own gets one from its matchers, which differs where it fails: its place names it.
    def path_of(example)
      groups = example.example_group.parent_groups.reverse.map(&:description)
      named = !example.metadata[:description_args].to_a.empty?
      # An anonymous object's address is another one in each run.
      groups.map { |name| name.gsub(/0x\h{6,}/, '0x') } + [named ? example.metadata[:description].to_s : "example in line #{example.metadata[:line_number]}"]
    end
  end

  # A spec that does not load fails by itself, and keeps no other from running.
  module Loading
    private

    def load_file_handling_errors(method, file)
      return super unless method == :load && QuarryRSpec.writer
      begin
        load(file)
      rescue ScriptError, StandardError => e
        said = "#{e.class}: #{e.message}\n#{(e.backtrace || []).first(8).join("\n")}"
        QuarryRSpec.writer.test(file: file, path: [], status: 'errored', message: said)
      end
    end
  end
end

# RSpec looks at its program's name before it takes the default folder of specs.
$PROGRAM_NAME = 'rspec'
QuarryRSpec.writer = writer
RSpec::Core::Configuration.prepend(QuarryRSpec::Loading)
# One order in every run, so that runs can be compared.
given = ['--seed', '1', '--no-fail-fast', '--no-color', '--format', 'QuarryRSpec::Formatter', '--format', 'progress']
exit RSpec::Core::Runner.run([*given, *arguments], $stderr, $stdout).to_i
