# frozen_string_literal: true

# Starts test-unit on the files of its arguments (globs; `!glob` leaves out) and tells of each test. Works with test-unit 2.5 and 3.

writer = QuarryReport.claim
without, within = QuarryReport.arguments(ARGV).partition { |pattern| pattern.start_with?('!') }
files = within.flat_map { |pattern| Dir.glob(pattern).sort }.uniq - without.flat_map { |pattern| Dir.glob(pattern[1..-1]) }
ARGV.clear

require 'test/unit'
require 'test/unit/ui/console/testrunner'
Test::Unit::AutoRunner.need_auto_run = false

class QuarryTestUnit
  def initialize(writer)
    @writer = writer
    @holders = {}
    @loaded = {}
    @running = nil
  end

  # A file that does not load fails by itself, and keeps no other from running.
  def load(file)
    path = File.expand_path(file)
    @loaded[path] = true
    known = Test::Unit::TestCase::DESCENDANTS.dup
    begin
      require path
    rescue ScriptError, StandardError => e
      @writer&.test(file: file, path: [], status: 'errored', message: said(e.class, e.message, e.backtrace))
    end
    (Test::Unit::TestCase::DESCENDANTS - known).each { |klass| @holders[klass] ||= path }
  end

  def run(suite)
    runner = Test::Unit::UI::Console::TestRunner.new(suite, output_level: Test::Unit::UI::Console::OutputLevel::NORMAL)
    listener = self
    runner.define_singleton_method(:attach_to_mediator) do
      listener.listen_to(@mediator)
      super()
    end
    runner.start
    @writer&.end if @running.nil?
  end

  def listen_to(mediator)
    mediator.add_listener(Test::Unit::TestCase::STARTED_OBJECT) { |test| started(test) }
    mediator.add_listener(Test::Unit::TestResult::FAULT) { |fault| faulted(fault) }
    mediator.add_listener(Test::Unit::TestCase::FINISHED_OBJECT) { |test| finished(test) }
  end

  private

  def started(test)
    @running = test
    @faults = []
  end

  # What a class's start-up or shut-down raises is of no test.
  def faulted(fault)
    return @faults << fault if @running
    @writer&.test(file: nil, path: [fault.test_name.to_s], status: 'errored', message: fault.long_display)
  end

  def finished(test)
    told = @faults.reject { |fault| fault.is_a?(Test::Unit::Notification) }
    @writer&.test(
      file: file_of(test), path: [test.class.name || 'anonymous class', name_of(test)], status: status_of(told),
      seconds: test.elapsed_time, message: told.empty? ? nil : told.map(&:long_display).join("\n\n")
    )
    @running = nil
  end

  def status_of(faults)
    return 'passed' if faults.empty?
    faults.all? { |fault| fault.is_a?(Test::Unit::Pending) || fault.is_a?(Test::Unit::Omission) } ? 'skipped' : 'failed'
  end

  # Its method, or what `test '…'` was given, with the label of its data.
  def name_of(test)
    test.name.delete_suffix("(#{test.class.name})").sub(/\Atest: /, '')
  end

  def file_of(test)
    file = test.method(test.method_name).source_location&.first
    @loaded[file] ? file : @holders[test.class] || file
  rescue NameError
    @holders[test.class]
  end

  def said(kind, message, trace)
    "#{kind}: #{message}\n#{(trace || []).first(8).join("\n")}"
  end
end

tests = QuarryTestUnit.new(writer)
files.each { |file| tests.load(file) }
require 'test/unit/collector/descendant'
tests.run(Test::Unit::Collector::Descendant.new.collect)
