# frozen_string_literal: true

# report.cjs in Ruby: the one channel on which test results leave a sandbox. Loaded (`ruby -r`) before any of the repository's code.
#
# It takes the run's secret and removes its file, and signs each line with it: `<hmac> <json>`, the HMAC over the line's number and
# text. What it needs of the platform is taken now, as test code may replace methods later. No gem is activated, since the tests may ask for
# another version of it. For Ruby 2.5 and newer.

require 'rbconfig'
%w[digest.so digest/sha2.so].each { |name| require File.join(RbConfig::CONFIG['rubyarchdir'], name) }

module QuarryReport
  LONGEST_TEXT = 16_384
  FOLDER = File.join(File.dirname(File.expand_path(__dir__)), 'report')

  class << self
    # The writer, for the first who asks; nil where this process is not the one that reports.
    def claim
      secret, @secret = @secret, nil
      secret && Writer.new(secret)
    end

    # The reporter's arguments, less what stands before `--`: folders for the load path, and what to load first.
    def arguments(given)
      own = given.take_while { |word| word != '--' }
      folders, libraries = own.partition { |word| word.start_with?('-I') }
      $LOAD_PATH.unshift(*folders.flat_map { |word| word[2..-1].split(':') }.map { |folder| File.expand_path(folder) })
      libraries.each { |word| require word[2..-1] }
      given.drop(own.length + 1)
    end

    # Only the first process of a run finds the secret.
    def take
      file = File.join(FOLDER, 'nonce')
      @secret = File.read(file).strip
      File.delete(file)
    rescue Errno::ENOENT
      @secret = nil
    end

    # A method as it is now, whatever becomes of its name.
    def kept(owner, name)
      method = owner.instance_method(name)
      ->(receiver, *given, &block) { method.bind(receiver).call(*given, &block) }
    end
  end

  # What signs texts. No string holds the secret any more: the two inner states of the HMAC stand for it.
  def self.signer(secret)
    key = (secret.bytesize > 64 ? Digest::SHA256.digest(secret) : secret.b).ljust(64, "\0")
    states = [0x36, 0x5c].map { |pad| Digest::SHA256.new.update(key.bytes.map { |byte| (byte ^ pad).chr }.join) }
    dup, update, digest, unpack =
      kept(Digest::SHA256, :dup), kept(Digest::SHA256, :update), kept(Digest::SHA256, :digest), kept(String, :unpack)
    lambda do |text|
      inner = digest.call(update.call(dup.call(states[0]), text))
      unpack.call(digest.call(update.call(dup.call(states[1]), inner)), 'H*')[0]
    end
  end

  # What writes a text as JSON.
  def self.quoter
    encode, gsub, ord, slice = kept(String, :encode), kept(String, :gsub), kept(String, :ord), kept(String, :slice)
    scrub, valid, binary = kept(String, :scrub), kept(String, :valid_encoding?), kept(String, :b)
    force, hex, rjust = kept(String, :force_encoding), kept(Integer, :to_s), kept(String, :rjust)
    lambda do |text|
      text = valid.call(text) ? text : scrub.call(text, '?')
      utf8 = begin
        encode.call(text, 'UTF-8')
      rescue EncodingError
        scrub.call(force.call(binary.call(text), 'UTF-8'), '?')
      end
      escaped = gsub.call(slice.call(utf8, 0, LONGEST_TEXT), /["\\\u0000-\u001f]/) do |char|
        "\\u#{rjust.call(hex.call(ord.call(char), 16), 4, '0')}"
      end
      "\"#{escaped}\""
    end
  end

  class Writer
    def initialize(secret)
      sign, @quote, path = QuarryReport.signer(secret), QuarryReport.quoter, File.join(FOLDER, 'tests.jsonl')
      @pid = Process.pid
      @lock = Mutex.new
      make, write, close = File.method(:new), QuarryReport.kept(IO, :syswrite), QuarryReport.kept(IO, :close)
      number = 0
      @write = lambda do |json|
        # Opened anew for each line: test code that closes or guesses descriptors can neither stop nor use it.
        file = make.call(path, 'ab')
        write.call(file, "#{sign.call("#{number}:#{json}")} #{json}\n")
        close.call(file)
        number += 1
      end
      put("{\"t\":\"start\",\"cwd\":#{@quote.call(Dir.pwd)}}")
    end

    # One test: its file (absolute, or relative to the working directory, or nil), path, status, seconds and what it says.
    def test(file:, path:, status:, seconds: nil, message: nil)
      names = path.map { |name| @quote.call(name) }.join(',')
      milliseconds = seconds ? (seconds * 1000).round(3) : 'null'
      put("{\"t\":\"test\",\"file\":#{text(file)},\"path\":[#{names}],\"status\":\"#{status}\"," \
          "\"ms\":#{milliseconds},\"message\":#{text(message)}}")
    end

    # The framework has come to its own end.
    def end
      put('{"t":"end"}')
    end

    private

    def text(value)
      value ? @quote.call(value) : 'null'
    end

    # What a test forks is no part of the report.
    def put(json)
      @lock.synchronize { @write.call(json) } if Process.pid == @pid
    end
  end

  take
end
