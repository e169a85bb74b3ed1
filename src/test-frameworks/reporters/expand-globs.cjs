/*
 * Starts node on files named by globs, as a shell or a newer node would have expanded them:
 *   node … expand-globs.cjs <number of node's arguments> <node's arguments …> <files and globs …>
 * The preload that guards the report is passed on with node's own arguments; it is the child that reports.
 */
'use strict'

var childProcess = require('child_process')
var fs = require('fs')

var special = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' }

/** A glob as a regular expression over paths relative to the working directory. */
function toExpression(glob) {
  var depth = 0
  function translate(token) {
    if (special[token]) return special[token]
    if (token === '{') {
      depth += 1
      return '(?:'
    }
    if (token === '}' && depth > 0) {
      depth -= 1
      return ')'
    }
    return token === ',' && depth > 0 ? '|' : '\\' + token
  }
  return new RegExp('^' + glob.replace(/^\.\//, '').replace(/\*\*\/|\*\*|[*?{},.+^$()|\\]/g, translate) + '$')
}

function filesBelow(folder) {
  var found = []
  fs.readdirSync(folder || '.', { withFileTypes: true }).forEach(function (entry) {
    var name = folder ? folder + '/' + entry.name : entry.name
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules' && entry.name !== '.git') found = found.concat(filesBelow(name))
    } else found.push(name)
  })
  return found.sort()
}

function expand(patterns) {
  var all = null
  return patterns.reduce(function (found, pattern) {
    if (!/[*?{[]/.test(pattern)) return found.concat(pattern)
    all = all || filesBelow('')
    var expression = toExpression(pattern)
    var matches = all.filter(function (file) {
      return expression.test(file)
    })
    // As a shell does, a glob that matches nothing stands for itself.
    return found.concat(matches.length > 0 ? matches : pattern)
  }, [])
}

function run(given) {
  var count = Number(given[0])
  var own = given.slice(1, 1 + count)
  var files = expand(given.slice(1 + count))
  var done = childProcess.spawnSync(process.execPath, own.concat(files), { stdio: 'inherit' })
  if (done.error) throw done.error
  if (done.signal) process.kill(process.pid, done.signal)
  process.exitCode = done.status
}

run(process.argv.slice(2))
