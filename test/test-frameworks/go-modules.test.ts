import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { reportersFolder } from '../../src/test-frameworks/index.ts'

const { notInstalled, otherModule } = createRequire(import.meta.url)(join(reportersFolder, 'go-modules.cjs'))

test.each([
  'hlog/hlog.go:10:2: unknown import path "example.org/xid": cannot find module providing package example.org/xid',
  'a.go:3:8: no required module provides package example.org/xid; to add it:',
  'go: example.org/xid@v1.2.0: module lookup disabled by GOPROXY=off',
  'a.go:3:8: missing go.sum entry for module providing package example.org/xid',
])('the install may have what this line misses: %s', (line) => {
  expect(notInstalled.test(line)).toBe(true)
})

test('a test that fails misses no module', () => {
  expect(notInstalled.test('cart_test.go:7: module example.org/xid is missing')).toBe(false)
})

describe('a Go', () => {
  let folder: string
  const path = process.env.PATH
  const inside = (name: string) => join(folder, name)
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quarry-go-modules-'))
    for (const name of ['bin', 'here', 'installed']) mkdirSync(inside(name))
    writeFileSync(inside('here/go.mod'), 'module own\n')
    for (const name of ['go.mod', 'go.sum']) writeFileSync(inside(`installed/${name}`), `installed ${name}\n`)
  })
  afterEach(() => {
    process.env.PATH = path
    rmSync(folder, { recursive: true, force: true })
  })
  const on = (version: string) => {
    writeFileSync(inside('bin/go'), `#!/bin/sh\necho go version go${version} linux/amd64\n`)
    chmodSync(inside('bin/go'), 0o755)
    process.env.PATH = `${inside('bin')}:${path}`
    return otherModule(inside('here'), inside('installed/go.mod'))
  }

  test('from 1.14 on is told of another go.mod by a flag', () => {
    expect(on('1.14.1').flags).toEqual([`-modfile=${inside('installed/go.mod')}`])
    expect(readFileSync(inside('here/go.mod'), 'utf8')).toBe('module own\n')
  })

  test("before 1.14 finds it in the place of the state's own, until that is put back", () => {
    const other = on('1.13.15')
    expect(other.flags).toEqual([])
    expect(['go.mod', 'go.sum'].map((name) => readFileSync(inside(`here/${name}`), 'utf8'))).toEqual([
      'installed go.mod\n',
      'installed go.sum\n',
    ])
    other.undo()
    expect(readFileSync(inside('here/go.mod'), 'utf8')).toBe('module own\n')
    expect(existsSync(inside('here/go.sum'))).toBe(false)
  })
})
