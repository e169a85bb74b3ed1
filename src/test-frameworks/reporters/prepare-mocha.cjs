/*
 * Undoes what a mocha configuration may say about stopping early, and, where only some files are asked for
 * (`--quarry-only`), about which files to run: mocha adds those of the command line to those of its configuration.
 */
'use strict'

var fs = require('fs')
var path = require('path')

/** The value of `--config` or `--package` among the arguments, as mocha's own loaders take them. */
function named(given, option) {
  for (var i = 0; i < given.length; i += 1) {
    if (given[i] === option) return given[i + 1]
    if (given[i].indexOf(option + '=') === 0) return given[i].slice(option.length + 1)
  }
  return undefined
}

/** The repository's own configuration without its files, written where mocha can read it. */
function configurationWithoutFiles(given, folder) {
  var options = require(path.join(folder, 'lib', 'cli', 'options.js'))
  var place = { config: named(given, '--config'), package: named(given, '--package') }
  var merged = Object.assign({}, options.loadPkgRc(place) || {}, options.loadRc(place) || {})
  delete merged.spec
  delete merged._
  var file = path.join(__dirname, '..', 'report', 'mocharc.json')
  fs.writeFileSync(file, JSON.stringify(merged))
  return file
}

function withoutConfiguration(given) {
  return given.filter(function (argument, i) {
    var own = /^--(config|package|no-config|no-package)(=|$)/.test(argument)
    return !own && given[i - 1] !== '--config' && given[i - 1] !== '--package'
  })
}

module.exports = function prepare(given, framework, start) {
  var only = given.indexOf('--quarry-only') >= 0
  var own = given.filter(function (argument) {
    return argument !== '--quarry-only'
  })
  // Before 6, a configuration is a file of arguments and an unknown option is refused: more files than asked for may run.
  if (framework.major < 6) return start(own)
  if (!only || own.indexOf('--no-config') >= 0) return start(own.concat('--no-bail'))
  var file = configurationWithoutFiles(own, framework.folder)
  start(withoutConfiguration(own).concat(['--no-bail', '--no-package', '--config', file]))
}
