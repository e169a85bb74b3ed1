/*
 * Reports tape's tests: preloaded, it loads the repository's own tape first and follows each test that is made.
 * In TAP the assertion is the unit; here the enclosing test is, failed where one of its assertions failed.
 *
 * Written in ES5: tape is used with very old versions of Node.js.
 */
'use strict'

var fs = require('fs')
var path = require('path')

var writer = require('./report.cjs').claim()
var prepareStackTrace = Error.prepareStackTrace
var now = Date.now

function findPackage(name) {
  for (var folder = process.cwd(); ; folder = path.dirname(folder)) {
    var candidate = path.join(folder, 'node_modules', name)
    if (fs.existsSync(path.join(candidate, 'package.json'))) return fs.realpathSync(candidate)
    if (path.dirname(folder) === folder) return null
  }
}

/** The repository's file that is making a test: the nearest caller outside of installed packages. */
function callingFile() {
  var holder = {}
  var before = Error.prepareStackTrace
  var limit = Error.stackTraceLimit
  Error.prepareStackTrace = function (_error, sites) {
    return sites
  }
  Error.stackTraceLimit = 50
  Error.captureStackTrace(holder, callingFile)
  var sites = holder.stack
  Error.prepareStackTrace = before || prepareStackTrace
  Error.stackTraceLimit = limit
  for (var i = 0; i < sites.length; i += 1) {
    var file = String(sites[i].getFileName() || '').replace(/^file:\/\//, '')
    if (file.charAt(0) === '/' && file.indexOf('/node_modules/') < 0 && file.indexOf(__dirname) !== 0) return file
  }
  return null
}

/** Tests that were made and have not ended. */
var open = []

/** Follows one test and, with the names above them, those made inside it. */
function follow(test, file, above) {
  var names = above.concat(test.name)
  var failures = []
  var started = null
  var entry = { close: close, failed: failures }
  function close() {
    open.splice(open.indexOf(entry), 1)
    entry = null
    report()
  }
  function report() {
    writer.test({
      file: file,
      path: names,
      // Flags are read late: test.skip() sets them after the test is made.
      status: test._skip || test._todo ? 'skipped' : failures.length > 0 ? 'failed' : 'passed',
      ms: started === null ? null : now() - started,
      message: failures.length > 0 ? failures.join('\n') : null,
    })
  }
  open.push(entry)
  test.on('prerun', function () {
    started = now()
  })
  test.on('result', function (result) {
    if (!result || typeof result !== 'object' || result.ok || result.skip || result.todo) return
    failures.push(String(result.name) + (result.error && result.error.stack ? '\n' + result.error.stack : ''))
    // An assertion after the end still fails its test.
    if (entry === null) report()
  })
  test.on('test', function (child) {
    follow(child, file, names)
  })
  test.on('end', function () {
    if (entry !== null) close()
  })
}

/** Says when tape is through: by its own word, or as the process runs out of work and tape fails the tests left open. */
function watchEnd(tape) {
  var finished = false
  var drained = false
  function end() {
    if (finished) return
    finished = true
    open.slice().forEach(function (entry) {
      if (entry.failed.length > 0) entry.close()
    })
    writer.end()
  }
  tape.onFinish(end)
  process.on('beforeExit', function () {
    drained = true
  })
  // tape's own exit listener comes first; it leaves through process.exit, which calls reallyExit.
  process.on('exit', function () {
    if (drained) end()
  })
  var reallyExit = process.reallyExit
  process.reallyExit = function (code) {
    if (drained) end()
    return reallyExit.call(process, code)
  }
}

/** Puts a constructor that follows its tests in the place of tape's own, before tape itself is loaded. */
function followTests(folder) {
  var file = path.join(folder, 'lib', 'test.js')
  var Test = require(file)
  var watching = false
  var tape = null
  function Followed(name, options, callback) {
    var test = new Test(name, options, callback)
    follow(test, callingFile(), [])
    if (!watching && tape !== null) {
      watching = true
      watchEnd(tape)
    }
    return test
  }
  Followed.prototype = Test.prototype
  Object.keys(Test).forEach(function (key) {
    Followed[key] = Test[key]
  })
  require.cache[require.resolve(file)].exports = Followed
  tape = require(folder)
}

var tapeFolder = findPackage('tape')
if (writer !== null && tapeFolder !== null) followTests(tapeFolder)
