/*
 * node-tap runs each file in a process of its own, reads its TAP, and writes the whole run's TAP to its standard output.
 * That is kept line by line as this process writes it: what a test prints never passes through here as such.
 */
'use strict'

const writer = require('./report.cjs').claim()

function keepOutput() {
  const write = process.stdout.write
  let rest = ''
  process.stdout.write = function (chunk, ...others) {
    const lines = (rest + (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())).split('\n')
    rest = lines.pop()
    for (const line of lines) writer.tap(line)
    return write.call(process.stdout, chunk, ...others)
  }
  process.on('exit', () => {
    if (rest !== '') writer.tap(rest)
    writer.end()
  })
}

function optionsFor(major) {
  if (major >= 18) return ['--reporter=tap', '--disable-coverage', '--no-bail']
  return ['--reporter=tap', '--no-coverage', '--no-bail']
}

module.exports = function prepare(given, framework, start) {
  if (writer !== null) keepOutput()
  start(optionsFor(framework.major).concat(given))
}
