'use strict'
// Puts the changes that `changesBetween` wrote on a work tree: node apply-changes.cjs CHANGES TARGET
// Runs inside the sandbox, on whatever node is there (6 or newer), on a tree that a stranger's patch may have filled with links. So
// no link below TARGET is ever followed: one that is in the way, and any non-directory where a folder belongs, is removed.
// biome-ignore lint/style/useNodejsImportProtocol: node before 14.18 does not know it
const fs = require('fs')
// biome-ignore lint/style/useNodejsImportProtocol: node before 14.18 does not know it
const path = require('path')

const changes = process.argv[2]
const target = process.argv[3]

function kindOf(file) {
  try {
    const stat = fs.lstatSync(file)
    return stat.isDirectory() ? 'folder' : 'other'
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return 'none'
    throw error
  }
}

function removeAll(file) {
  if (kindOf(file) === 'folder') {
    for (const name of fs.readdirSync(file)) removeAll(path.join(file, name))
    fs.rmdirSync(file)
  } else if (kindOf(file) === 'other') fs.unlinkSync(file)
}

/** True where every folder above the path is a real folder. */
function reaches(parts) {
  let folder = target
  for (const part of parts.slice(0, -1)) {
    folder = path.join(folder, part)
    if (kindOf(folder) !== 'folder') return false
  }
  return true
}

function makeFolders(parts) {
  let folder = target
  for (const part of parts) {
    folder = path.join(folder, part)
    if (kindOf(folder) === 'other') fs.unlinkSync(folder)
    if (kindOf(folder) === 'none') fs.mkdirSync(folder)
  }
}

function remove(name) {
  const parts = name.split('/')
  if (!reaches(parts) || kindOf(path.join(target, name)) !== 'other') return
  fs.unlinkSync(path.join(target, name))
  for (let depth = parts.length - 1; depth > 0; depth -= 1) {
    const folder = path.join(target, ...parts.slice(0, depth))
    if (fs.readdirSync(folder).length > 0) return
    fs.rmdirSync(folder)
  }
}

function write(parts) {
  const source = path.join(changes, 'files', ...parts)
  const place = path.join(target, ...parts)
  const stat = fs.lstatSync(source)
  if (stat.isDirectory()) {
    makeFolders(parts)
    for (const name of fs.readdirSync(source)) write(parts.concat(name))
    return
  }
  makeFolders(parts.slice(0, -1))
  removeAll(place)
  if (stat.isSymbolicLink()) fs.symlinkSync(fs.readlinkSync(source), place)
  else {
    fs.writeFileSync(place, fs.readFileSync(source), { flag: 'wx', mode: stat.mode & 0o777 })
    fs.chmodSync(place, stat.mode & 0o777)
  }
}

for (const name of fs.readFileSync(path.join(changes, 'deleted'), 'utf8').split('\0')) if (name !== '') remove(name)
for (const name of fs.readdirSync(path.join(changes, 'files'))) write([name])
