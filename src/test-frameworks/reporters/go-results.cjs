/* Makes results of what `go test -json` tells, in its versions from 1.11 on. */
'use strict'

const worstFirst = ['errored', 'failed', 'skipped', 'passed']
const ends = { pass: 'passed', fail: 'failed', skip: 'skipped' }
const starved = /\b(?:compile|link|asm|cgo): signal: (?:killed|terminated)|no space left on device/
const longestMessage = 16_384

/** `leftLog(folder)`: whether the package's binary left the sign of having come to its end. */
exports.makeResults = function makeResults(tests, leftLog) {
  const packages = new Map()
  /** What a compiler says, by the import path that it is said of. */
  const builds = new Map()
  let building = null

  const packageOf = (name) => {
    if (!packages.has(name)) packages.set(name, { name, tests: new Map(), end: null, output: '' })
    return packages.get(name)
  }

  const testOf = (one, name) => {
    if (!one.tests.has(name)) one.tests.set(name, { name, began: false, status: null, ms: null, output: '' })
    return one.tests.get(name)
  }

  const heard = (event) => {
    const name = event.Package ?? event.ImportPath
    if (typeof name !== 'string') return
    if (event.Action === 'build-output') {
      builds.set(bare(name), cut((builds.get(bare(name)) ?? '') + String(event.Output ?? '')))
      return
    }
    if (event.Package === undefined) return
    const one = packageOf(name)
    if (typeof event.Test !== 'string') ofPackage(one, event)
    else ofTest(testOf(one, event.Test), event)
  }

  /** What older versions say in words: which package did not build, and why. */
  const plain = (line) => {
    const heading = /^# (\S+)/.exec(line)
    if (heading !== null) building = bare(heading[1])
    else if (building !== null) builds.set(building, cut(`${builds.get(building) ?? ''}${line}\n`))
    const failed = /^FAIL\s+(\S+)\s+\[(?:build|setup) failed\]/.exec(line)
    if (failed !== null) packageOf(failed[1]).end = 'fail'
  }

  return {
    line(line) {
      const event = line.startsWith('{') ? parsed(line) : null
      if (event !== null && typeof event.Action === 'string') heard(event)
      else plain(line)
    },
    /** Folders whose binary broke off in the middle, with the names of the tests that it came to. */
    brokenOff: () => [...packages.values()].flatMap((one) => brokenOff(one, tests, leftLog)),
    /** A compiler or linker was ended from outside, or had no room: that says nothing of the code. */
    isStarved: () => [...builds.values()].some((text) => starved.test(text)),
    tests: () => [...packages.values()].flatMap((one) => told(one, tests, builds, leftLog)),
  }
}

function ofPackage(one, event) {
  if (event.Action === 'output') one.output = cut(one.output + String(event.Output ?? ''))
  else if (event.Action in ends && one.end !== 'fail') one.end = event.Action
}

function ofTest(test, event) {
  if (event.Action === 'run') test.began = true
  if (event.Action === 'output') test.output = cut(test.output + String(event.Output ?? ''))
  const status = ends[event.Action]
  if (status === undefined) return
  test.status = test.status === null ? status : worst(test.status, status)
  test.ms = typeof event.Elapsed === 'number' ? event.Elapsed * 1000 : null
}

/** The tests of one package, and where it failed without any of them failing, its files. */
function told(one, tests, builds, leftLog) {
  const folder = tests.folderOf(one.name)
  if (folder === null) return []
  const found = [...one.tests.values()]
  const broke = found.some(({ status }) => status === null || status === 'failed')
  // A binary that left early of its own accord: what it said of tests is worth nothing.
  const isForged = found.length > 0 && !broke && !leftLog(folder)
  const reported = found.flatMap((test) => {
    const file = tests.fileOf(folder, test.name.split('/', 1)[0])
    return file === null ? [] : [record(test, file, isForged)]
  })
  // Of a binary that left without a word, the go command says neither that it passed nor that it failed.
  if (one.end === 'pass' || one.end === 'skip' || broke) return reported
  const message = (builds.get(bare(one.name)) ?? '') + one.output
  const files = tests.filesIn(folder).map((file) => ({ file, path: [], status: 'errored', ms: null, message }))
  return [...reported, ...files]
}

function brokenOff(one, tests, leftLog) {
  const folder = tests.folderOf(one.name)
  const found = [...one.tests.values()]
  const broke = found.some(({ status }) => status === null || status === 'failed')
  if (folder === null || !broke || leftLog(folder)) return []
  return [{ folder, seen: new Set(found.map(({ name }) => name.split('/', 1)[0])) }]
}

function record(test, file, isForged) {
  const passedUnbegun = test.status === 'passed' && !test.began
  const status = isForged || passedUnbegun || test.status === null ? 'errored' : test.status
  const message = isForged ? 'the test binary left before its tests were through' : test.output
  return {
    file,
    path: test.name.split('/'),
    status,
    ms: test.ms,
    message: status === 'passed' ? null : message,
  }
}

function worst(a, b) {
  return worstFirst.indexOf(a) <= worstFirst.indexOf(b) ? a : b
}

function bare(name) {
  return name
    .replace(/ \[.*$/, '')
    .replace(/\.test$/, '')
    .replace(/_test$/, '')
}

function cut(text) {
  return text.length > longestMessage ? text.slice(0, longestMessage) : text
}

function parsed(line) {
  try {
    return JSON.parse(line)
  } catch {
    // A line of something else: test2json writes whole lines of JSON.
    return null
  }
}
