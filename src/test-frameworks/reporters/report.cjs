/*
 * The one channel on which test results leave a sandbox. Preloaded (`node --require`) before any of the repository's code.
 *
 * It reads the run's secret once and removes it, and signs each line with it: `<hmac> <json>`, the HMAC over the line's
 * number and text. So a line can't be forged by who reads the report, and none can be repeated, moved or left out unseen.
 * What it needs of the platform is taken now: test code may replace `fs`, `JSON` or `Date` later.
 *
 * Written in ES5: it runs in whatever Node.js the repository means.
 */
'use strict'

var crypto = require('crypto')
var fs = require('fs')
var path = require('path')

var createHmac = crypto.createHmac
var openSync = fs.openSync
var writeSync = fs.writeSync
var closeSync = fs.closeSync
var stringify = JSON.stringify
var defineProperty = Object.defineProperty

var LONGEST_TEXT = 16384
var folder = path.join(__dirname, '..', 'report')
var secret = takeSecret(path.join(folder, 'nonce'))
var claimed = false
var earlyExits = path.join(folder, 'early-exits.txt')
if (secret === null && process.env.NODE_TEST_CONTEXT) watchForEarlyExit()

/**
 * In a file's own process under node's test runner: notes that it left by process.exit(0) with its tests under way, which the
 * runner takes for a plain script that went well. A note can only take success away, so it needs no signature.
 */
function watchForEarlyExit() {
  var drained = false
  process.on('beforeExit', function () {
    drained = true
  })
  process.on('exit', function (code) {
    var hasTests = (process.moduleLoadList || []).indexOf('NativeModule internal/test_runner/harness') >= 0
    if (code === 0 && !drained && hasTests) fs.appendFileSync(earlyExits, process.argv[1] + '\n')
  })
}

/** Only the first process of a run finds the secret; in workers this module does nothing. */
function takeSecret(file) {
  try {
    var text = fs.readFileSync(file, 'utf8').trim()
    fs.unlinkSync(file)
    return text
  } catch (error) {
    if (error.code === 'ENOENT') return null
    throw error
  }
}

/** A text cut to what a report may hold; anything else becomes null. */
function text(value) {
  return typeof value === 'string' ? value.slice(0, LONGEST_TEXT) : null
}

/** Without `toJSON`, which test code may have put on a prototype. */
function plain(value) {
  defineProperty(value, 'toJSON', { value: undefined })
  return value
}

function makeWriter(name) {
  // Opened anew for each line: test code that closes or guesses descriptors can neither stop nor use it.
  var file = path.join(folder, name)
  var number = 0
  function write(record) {
    var json = stringify(plain(record))
    var mac = createHmac('sha256', secret)
      .update(number + ':' + json)
      .digest('hex')
    var descriptor = openSync(file, 'a')
    try {
      writeSync(descriptor, mac + ' ' + json + '\n')
    } finally {
      closeSync(descriptor)
    }
    number += 1
  }
  return {
    start: function () {
      write({ t: 'start', cwd: process.cwd() })
    },
    /** One test: { file (absolute or relative to the working directory, or null), path, status, ms, message }. */
    test: function (test) {
      var names = []
      for (var i = 0; i < test.path.length; i += 1) names[i] = String(test.path[i]).slice(0, LONGEST_TEXT)
      write({
        t: 'test',
        file: text(test.file),
        path: plain(names),
        status: test.status,
        ms: typeof test.ms === 'number' ? test.ms : null,
        message: text(test.message),
      })
    },
    /** A line of TAP, for frameworks that speak nothing else. */
    tap: function (line) {
      write({ t: 'tap', line: String(line) })
    },
    /** The framework has come to its own end. */
    end: function () {
      write({ t: 'end' })
    },
  }
}

/** The writer, for the first who asks; null where this process is not the one that reports. */
exports.claim = function () {
  if (secret === null || claimed) return null
  claimed = true
  var writer = makeWriter('tests.jsonl')
  writer.start()
  return writer
}

/** The files whose processes noted that they left early (see above). */
exports.earlyExits = function () {
  return fs.existsSync(earlyExits) ? fs.readFileSync(earlyExits, 'utf8').split('\n') : []
}
