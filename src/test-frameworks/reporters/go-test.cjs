/*
 * Runs `go test -json` and tells its tests. It is no part of what is tested: it reads the run's secret before any code of the
 * repository starts, and hears the go command over a socket, which no other process can open (a pipe could be, below /proc).
 *
 * What a test binary prints is turned into events by the go command, so code under test can print what reads like a result. Hence: only
 * tests whose functions stand in the test files, as they were before anything ran, are told; what has two results gets the worst; what passed
 * without having begun did not pass; and where a binary left before the testing package came to its end, and no test failed or was
 * under way, nothing in it passed.
 *
 * Usage: node go-test.cjs [only these files] -- [flags of go test] -- [packages] -- [arguments of the test binaries]
 */
'use strict'

const { spawn } = require('node:child_process')
const { closeSync, existsSync, fstatSync, mkdtempSync, openSync, readSync, writeFileSync } = require('node:fs')
const path = require('node:path')
const { createInterface } = require('node:readline')
const { notInstalled, otherModule } = require('./go-modules.cjs')
const { findTests } = require('./go-tests.cjs')
const { makeResults } = require('./go-results.cjs')
const writer = require('./report.cjs').claim()

const installedModFile = '/testbed/.quarry/go/installed'

const MOST_PACKAGES = 10
const MOST_TURNS = 5

const [only, flags, packages, rest] = sections(process.argv.slice(2))

async function main() {
  const here = process.cwd()
  const tests = findTests(here)
  keepCache(process.env.GOCACHE)
  const given = only.length === 0 ? [...flags, ...packages] : [...flags, ...narrowed(tests, here)]
  if (rest.length > 0) given.push('-args', ...rest)
  const first = await run(tests, given)
  const modFile = path.join(installedModFile, path.relative('/testbed', here), 'go.mod')
  const another = first.lacking && existsSync(modFile) ? otherModule(here, modFile) : null
  const other = another === null ? first : await run(tests, [...another.flags, ...given])
  const last = other.results.tests().length > first.results.tests().length ? other : first
  if (last === first) another?.undo()
  const further = await afterPanics(tests, last, last === first ? [] : another.flags)
  for (const { results } of [last, ...further]) for (const test of results.tests()) writer.test(test)
  if ([last, ...further].every(({ signal, results }) => signal === null && !results.isStarved())) writer.end()
  process.exitCode = last.code ?? 1
}

/** The packages of the files asked for, and of these the functions that stand in the files. */
function narrowed(tests, here) {
  const wanted = new Set(only.map((file) => path.resolve(here, file)))
  const names = tests.functions.filter(({ file }) => wanted.has(path.join(here, file))).map(({ name }) => name)
  const folders = [...new Set([...wanted].map((file) => `./${path.relative(here, path.dirname(file))}`))]
  const pattern = names.length === 0 ? '^$' : `^(?:${[...new Set(names)].join('|')})$`
  return [`-run=${pattern}`, ...folders]
}

function sections(words) {
  const parts = [[], [], [], []]
  let at = 0
  for (const word of words) {
    if (word === '--' && at < parts.length - 1) at += 1
    else parts[at].push(word)
  }
  return parts
}

/**
 * A panic ends the test binary, and hides every test behind it: these are run by themselves, as long as there are any. A package that panics over and
 * over is left at that.
 */
async function afterPanics(tests, whole, given) {
  if (flags.some((flag) => /^-(?:run|skip)=/.test(flag))) return []
  const runs = []
  for (const { folder, seen } of whole.results.brokenOff().slice(0, MOST_PACKAGES)) {
    const wanted = only.map((file) => path.normalize(file))
    const names = tests.functions
      .filter((each) => each.folder === folder && !each.name.startsWith('Benchmark'))
      .filter(({ file }) => wanted.length === 0 || wanted.includes(file))
      .map(({ name }) => name)
    for (let turn = 0; turn < MOST_TURNS; turn += 1) {
      const left = [...new Set(names)].filter((name) => !seen.has(name))
      if (left.length === 0) break
      const next = await run(tests, [...given, ...flags, `-run=^(?:${left.join('|')})$`, `./${folder}`])
      runs.push(next)
      const [again] = next.results.brokenOff()
      if (again === undefined) break
      for (const name of again.seen) seen.add(name)
    }
  }
  return runs
}

/** All files of a layer are old, and the go command throws old ones out of its cache, once a day by its own note. */
function keepCache(cache) {
  if (cache !== undefined && existsSync(cache))
    writeFileSync(path.join(cache, 'trim.txt'), `${Math.floor(Date.now() / 1000)}`)
}

function run(tests, given) {
  const logs = mkdtempSync('/tmp/go-test-')
  const results = makeResults(tests, (folder) => isWhole(path.join(logs, logName(folder))))
  const wrapper = `/bin/sh ${path.join(__dirname, 'go-exec.sh')} ${logs}`
  const child = spawn('go', ['test', '-json', `-exec=${wrapper}`, ...given], { stdio: ['ignore', 'pipe', 'pipe'] })
  let lacking = false
  const hear = (line) => {
    if (notInstalled.test(line)) lacking = true
    results.line(line)
  }
  createInterface({ input: child.stdout }).on('line', hear)
  createInterface({ input: child.stderr }).on('line', (line) => {
    process.stderr.write(`${line}\n`)
    hear(line)
  })
  return new Promise((done, fail) => {
    child.on('error', fail)
    child.on('close', (code, signal) => done({ results, lacking, code, signal }))
  })
}

/** The testing package makes the file as it begins, and writes its last whole line as it ends; what goes before is cut anywhere, or not there yet. */
function isWhole(log) {
  if (!existsSync(log)) return false
  const file = openSync(log, 'r')
  try {
    const { size } = fstatSync(file)
    const last = Buffer.alloc(1)
    return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] === 0x0a
  } finally {
    closeSync(file)
  }
}

/** As go-exec.sh makes it of the package's folder, which a test binary is started in. */
function logName(folder) {
  return path.resolve(folder).replaceAll('/', '!')
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`)
  process.exitCode = 70
})
