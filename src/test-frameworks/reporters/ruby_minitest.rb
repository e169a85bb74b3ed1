# frozen_string_literal: true

# Starts minitest on the files of its arguments (globs; `!glob` leaves out) with a reporter of ours.

writer = QuarryReport.claim
without, within = QuarryReport.arguments(ARGV).partition { |pattern| pattern.start_with?('!') }
files = within.flat_map { |pattern| Dir.glob(pattern).sort }.uniq - without.flat_map { |pattern| Dir.glob(pattern[1..-1]) }
# One order in every run, so that runs can be compared.
ARGV.replace(%w[--seed 1])

require 'minitest'

module QuarryMinitest
  # Which file brought which class of tests.
  HOLDERS = {}
  LOADED = {}

  class Reporter < Minitest::AbstractReporter
    def initialize(writer)
      super()
      @writer = writer
    end

    def prerecord(klass, _name)
      Thread.current[:quarry_class] = klass
    end

    def record(result)
      klass = Thread.current[:quarry_class] || result.class
      @writer.test(
        file: QuarryMinitest.file_of(klass, result),
        path: QuarryMinitest.groups_of(klass) + [result.name.sub(/\Atest_\d{4,}_/, '')],
        status: status_of(result), seconds: result.time,
        message: result.failures.empty? ? nil : result.failures.map { |failure| QuarryMinitest.said(failure) }.join("\n\n")
      )
    end

    def report
      @writer.end
    end

    def passed?
      true
    end

    private

    def status_of(result)
      return 'skipped' if result.skipped?
      result.passed? ? 'passed' : 'failed'
    end
  end

  def self.file_of(klass, result)
    file = result.respond_to?(:source_location) ? result.source_location[0] : nil
    LOADED[file] ? file : HOLDERS[klass] || file
  end

  # A class's name, or what `describe` was given, outermost first.
  def self.groups_of(klass)
    return [klass.name || 'anonymous class'] unless klass.respond_to?(:desc) && klass.desc
    outer = klass.superclass
    (outer.respond_to?(:desc) && outer.desc ? groups_of(outer) : []) + [klass.desc.to_s]
  end

  def self.said(failure)
    error = failure.respond_to?(:error) ? failure.error : failure
    "#{error.class}: #{error.message}\n#{failure.respond_to?(:location) ? failure.location : ''}"
  rescue StandardError => e
    "a failure that says nothing of itself (#{e.class})"
  end

  # A plug-in may put a reporter of its own in place of all others: ours is added when they are through. It comes first, so that none that fails keeps
  # it from telling.
  module Joining
    def init_plugins(options)
      super
      reporter.reporters.unshift(QuarryMinitest.joining) if QuarryMinitest.joining
      QuarryMinitest.joining = nil
    end
  end

  class << self
    attr_accessor :joining
  end
end

if writer
  QuarryMinitest.joining = QuarryMinitest::Reporter.new(writer)
  Minitest.singleton_class.prepend(QuarryMinitest::Joining)
end

files.each do |file|
  path = File.expand_path(file)
  QuarryMinitest::LOADED[path] = true
  known = Minitest::Runnable.runnables.dup
  begin
    require path
  rescue ScriptError, StandardError => e
    # What it was about to describe holds nothing of the next file.
    Thread.current[:describe_stack]&.clear
    writer&.test(file: file, path: [], status: 'errored', message: "#{e.class}: #{e.message}\n#{(e.backtrace || []).first(8).join("\n")}")
  end
  (Minitest::Runnable.runnables - known).each { |klass| QuarryMinitest::HOLDERS[klass] ||= path }
end

Minitest.autorun
