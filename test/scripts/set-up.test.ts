import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { holdLock } from '../../scripts/set-up-lock.js'
import { missingPackages } from '../../scripts/set-up-packages.js'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'quarry-set-up-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('what is installed is compared with package-lock.json', () => {
  const wanted = {
    '': { name: 'shop' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/for-other-machines': { version: '1.0.0', optional: true },
  }
  const write = (path: string, packages: object) => writeFileSync(join(folder, path), JSON.stringify({ packages }))

  beforeEach(() => {
    rmSync(join(folder, 'node_modules'), { recursive: true, force: true })
    mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true })
    symlinkSync(process.execPath, join(folder, 'node_modules/.bin/node'))
    write('package-lock.json', wanted)
  })

  test('the same packages lack nothing', () => {
    write('node_modules/.package-lock.json', { 'node_modules/a': wanted['node_modules/a'] })
    expect(missingPackages(folder)).toBeNull()
  })

  test.each([
    ['an install that never ended', null],
    ['another version', { 'node_modules/a': { version: '1.0.1', integrity: 'sha512-a' } }],
    ['other content', { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-b' } }],
    ['a package that is not there', {}],
  ])('%s is seen', (_, installed) => {
    if (installed !== null) write('node_modules/.package-lock.json', installed)
    expect(missingPackages(folder)).not.toBeNull()
  })
})

test('a set-up waits for the one before it, and takes over from a dead one', async () => {
  const dead = execa('true')
  await dead
  mkdirSync(join(folder, '.quarry'), { recursive: true })
  writeFileSync(join(folder, '.quarry/set-up.pid'), String(dead.pid))
  const said: string[] = []
  const release = await holdLock(folder, (line: string) => said.push(line))
  expect(said).toEqual([])
  const second = holdLock(folder, (line: string) => said.push(line))
  release()
  ;(await second)()
  expect(said).toEqual([`waiting for the set-up of process ${process.pid}`])
})

test('where nothing is missing it ends at once and says nothing', async () => {
  const { stdout, stderr } = await execa('node', ['scripts/set-up.js'], { cwd: root, timeout: 20_000 })
  expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' })
})

test('the lockfile names no registry', () => {
  expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toContain('"resolved"')
})
