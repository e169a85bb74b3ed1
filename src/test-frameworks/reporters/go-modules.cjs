'use strict'
// Which go.mod a state is tested with. Runs inside the sandbox.
const { execFileSync } = require('node:child_process')
const { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } = require('node:fs')
const path = require('node:path')

/** What `go` says where a go.mod asks for modules that the install did not bring, that of another state of the repository, or lacks some that it brought. */
const notInstalled =
  /module lookup disabled by GOPROXY=off|missing go\.sum entry|updates to go\.(?:mod|sum) needed|cannot find module providing package|no required module provides package/
/** Has `go` work by another go.mod: from 1.14 on by a flag, before by putting it in the place of the state's own. */
function otherModule(here, modFile) {
  const version = /\bgo1\.(\d+)/.exec(execFileSync('go', ['version'], { encoding: 'utf8' }))
  if (version === null || Number(version[1]) >= 14) return { flags: [`-modfile=${modFile}`], undo: () => undefined }
  const names = ['go.mod', 'go.sum'].filter((name) => existsSync(path.join(path.dirname(modFile), name)))
  const before = names.map((name) => (existsSync(path.join(here, name)) ? readFileSync(path.join(here, name)) : null))
  for (const name of names) copyFileSync(path.join(path.dirname(modFile), name), path.join(here, name))
  const undo = () => {
    for (const [at, name] of names.entries()) {
      if (before[at] === null) rmSync(path.join(here, name))
      else writeFileSync(path.join(here, name), before[at])
    }
  }
  return { flags: [], undo }
}

module.exports = { notInstalled, otherModule }
