import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { filesBelow, wroteOver } from '../../src/test-runs/written-over.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-written-'))
  mkdirSync(join(folder, 'upper'))
  write('base', 'dist/index.js', 1)
  write('base', 'src/index.js', 1)
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A file with the modification time in seconds. */
function write(side: 'upper' | 'base', path: string, at: number): void {
  const full = join(folder, side, path)
  mkdirSync(dirname(full), { recursive: true })
  writeFileSync(full, '')
  utimesSync(full, at, at)
}

const look = (own: ReadonlySet<string>) => wroteOver(join(folder, 'upper'), join(folder, 'base'), own, 100_000)

test.each<[string, string, number, readonly string[], boolean]>([
  ['a built file that the base holds', 'dist/index.js', 101, [], true],
  ['a built file that the change added', 'dist/new.js', 101, ['dist/new.js'], true],
  ['a built file of nobody’s', 'dist/new.js', 101, [], false],
  ['what was put there before the build', 'src/index.js', 99, ['src/index.js'], false],
  ['what the build left in an installed package', 'node_modules/dist/index.js', 101, [], false],
])('%s', async (_, path, at, own, expected) => {
  write('upper', path, at)
  expect(await look(new Set(own))).toBe(expected)
})

test('the files below a folder, without installed packages', async () => {
  for (const path of ['a.js', 'b/c.js', 'node_modules/d.js', 'b/node_modules/e.js']) write('upper', path, 1)
  expect((await filesBelow(join(folder, 'upper'))).sort()).toEqual(['a.js', 'b/c.js'])
})
