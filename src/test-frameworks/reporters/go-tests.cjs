/* Finds the test functions of a module in its files, and where they stand. */
'use strict'

const { readdirSync, readFileSync } = require('node:fs')
const path = require('node:path')

const ignored = /^[._]|^(?:testdata|node_modules)$/
const declared = /^func ((?:Test|Example|Fuzz|Benchmark)[\p{L}\p{N}_]*)\s*\(/gmu
/** Files that the go command leaves out on Linux. */
const elsewhere =
  /_(?:windows|darwin|freebsd|netbsd|openbsd|solaris|plan9|js|wasip1|android|ios|aix|dragonfly|illumos)(?:_\w+)?_test\.go$/
const mostFiles = 50_000

/** Functions ({ name, folder, file }) and test files by folder, both relative to `root`, and the import path that the root has. */
exports.findTests = function findTests(root) {
  const files = testFiles(root)
  const functions = []
  const byName = new Map()
  // Where a name stands in several files of a package, only one of them is built: one for this system, if any.
  for (const file of [...files].sort((a, b) => elsewhere.test(a) - elsewhere.test(b) || (a < b ? -1 : 1))) {
    const folder = path.dirname(file)
    for (const match of readFileSync(path.join(root, file), 'utf8').matchAll(declared)) {
      const found = { name: match[1], folder, file }
      functions.push(found)
      const key = `${folder}\0${found.name}`
      if (!byName.has(key)) byName.set(key, file)
    }
  }
  return {
    functions,
    fileOf: (folder, name) => byName.get(`${folder}\0${name}`) ?? null,
    filesIn: (folder) => files.filter((file) => path.dirname(file) === folder && !elsewhere.test(file)).sort(),
    folderOf: folderOf(root),
  }
}

function testFiles(root) {
  const files = []
  const visit = (folder) => {
    const entries = readdirSync(path.join(root, folder), { withFileTypes: true })
    if (folder !== '' && entries.some(({ name }) => name === 'go.mod')) return
    for (const entry of entries) {
      const name = path.join(folder, entry.name)
      if (entry.isDirectory() && !ignored.test(entry.name)) visit(name)
      if (entry.isFile() && entry.name.endsWith('_test.go') && !/^[._]/.test(entry.name)) files.push(name)
      if (files.length > mostFiles) return
    }
  }
  visit('')
  return files
}

/** Import path → folder below the root; null where it lies elsewhere. */
function folderOf(root) {
  const module = modulePath(root)
  return (package_) => {
    const name = package_.replace(/ \[.*\]$/, '').replace(/\.test$/, '')
    for (const prefix of [module, `_${root}`]) {
      if (prefix === null) continue
      if (name === prefix) return '.'
      if (name.startsWith(`${prefix}/`)) return name.slice(prefix.length + 1)
    }
    return null
  }
}

function modulePath(root) {
  try {
    const text = readFileSync(path.join(root, 'go.mod'), 'utf8')
    const named = /^\s*module\s+(?:"([^"]+)"|`([^`]+)`|([^\s/]+(?:\/[^\s/]+)*))/m.exec(text)
    return named === null ? null : (named[1] ?? named[2] ?? named[3] ?? null)
  } catch (error) {
    if (error.code === 'ENOENT') return null
    throw error
  }
}
