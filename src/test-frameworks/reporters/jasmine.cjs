/* Jasmine's reporter, given as a helper: helpers load before specs, in every version. */
'use strict'

var path = require('path')
var writer = require('./report.cjs').claim()

var statuses = { passed: 'passed', failed: 'failed', pending: 'skipped', excluded: 'skipped', disabled: 'skipped' }
var suites = []
/** Spec or suite id → the file that was loading when it was declared. */
var files = {}
var loading = null

function messageOf(result) {
  return (result.failedExpectations || [])
    .map(function (failure) {
      return failure.message + (failure.stack ? '\n' + failure.stack : '')
    })
    .join('\n')
}

function report(result, names, status) {
  writer.test({
    file: files[result.id] || result.filename || null,
    path: names,
    status: status,
    ms: result.duration,
    message: messageOf(result),
  })
}

var reporter = {
  suiteStarted: function (suite) {
    suites.push(suite.description)
  },
  specDone: function (spec) {
    report(spec, suites.concat(spec.description), statuses[spec.status] || 'errored')
  },
  suiteDone: function (suite) {
    // A failing afterAll belongs to no spec.
    if (messageOf(suite)) report(suite, suites.slice(), 'errored')
    suites.pop()
  },
  jasmineDone: function (result) {
    var broken = (result && result.failedExpectations) || []
    broken.forEach(function (failure) {
      var file = failure.filename || null
      writer.test({ file: file, path: file ? [] : ['(load)'], status: 'errored', ms: null, message: failure.message })
    })
    writer.end()
  },
}

/** Marks everything declared while one file loads: only newer versions tell a spec's file themselves. */
function declare(suite) {
  ;(suite.children || []).forEach(function (child) {
    if (!files[child.id]) files[child.id] = loading
    declare(child)
  })
}

function followLoader() {
  var main = process.argv[1]
  var Loader
  try {
    Loader = require(path.join(path.dirname(main), '..', 'lib', 'loader.js'))
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return
    throw error
  }
  var load = Loader.prototype.load
  Loader.prototype.load = function (file) {
    var args = arguments
    loading = String(file)
    return Promise.resolve(load.apply(this, args)).then(function (value) {
      declare(jasmine.getEnv().topSuite())
      return value
    })
  }
}

if (writer !== null) {
  followLoader()
  jasmine.getEnv().addReporter(reporter)
}
