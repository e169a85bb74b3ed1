import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { applyChangesScript, changesBetween, checkoutSnapshot } from '../../src/snapshot/index.ts'
import { emptyMirror, type Files, git, scratch, treeOf } from './sample.ts'

const run = promisify(execFile)

const from: Files = {
  '.gitattributes': '*.txt text eol=crlf\n',
  'src/cart.js': 'one\n',
  'src/gone/deep.js': 'gone\n',
  'src/part': 'a file\n',
  'lib/a.js': 'a\n',
  'notes.txt': 'one\n',
}
const to: Files = {
  '.gitattributes': '*.txt text eol=crlf\n',
  'src/cart.js': { mode: '100755', content: 'two\n' },
  'src/part/b.js': 'b\n',
  lib: 'now a file\n',
  'notes.txt': 'two\n',
  link: { mode: '120000', content: 'src/cart.js' },
  'ünï "q"\n.js': 'x\n',
}

async function prepared() {
  const mirror = await emptyMirror()
  const [a, b] = [await treeOf(mirror, from), await treeOf(mirror, to)]
  const folder = await scratch()
  const target = join(folder, 'work')
  await checkoutSnapshot(mirror, a, target)
  const told = await changesBetween(mirror, a, b, join(folder, 'changes'))
  const apply = () => run(process.execPath, [applyChangesScript, join(folder, 'changes'), target])
  const treeNow = async () => {
    await git(target, 'add', '--all', '--force')
    return git(target, 'write-tree')
  }
  return { folder, target, told, apply, treeNow, wanted: b }
}

test('the script makes one tree into the other: modes, links, folders, names and line ends', async () => {
  const { target, told, apply, treeNow, wanted } = await prepared()
  await apply()
  expect(await treeNow()).toBe(wanted)
  expect(await readFile(join(target, 'notes.txt'), 'utf8')).toBe('two\r\n')
  expect(existsSync(join(target, 'src/gone'))).toBe(false)
  expect(told.deleted).toEqual(['lib/a.js', 'src/gone/deep.js', 'src/part'])
})

test('applying it twice changes nothing more', async () => {
  const { apply, treeNow, wanted } = await prepared()
  await apply()
  await apply()
  expect(await treeNow()).toBe(wanted)
})

test('links in the way are removed and never followed', async () => {
  const { folder, target, apply, treeNow, wanted } = await prepared()
  const outside = join(folder, 'outside')
  await mkdir(join(outside, 'gone'), { recursive: true })
  for (const name of ['cart.js', 'gone/deep.js', 'notes.txt']) await writeFile(join(outside, name), 'precious\n')
  await rm(join(target, 'src'), { recursive: true })
  await symlink(outside, join(target, 'src'))
  await rm(join(target, 'notes.txt'))
  await symlink(join(outside, 'notes.txt'), join(target, 'notes.txt'))
  await apply()
  for (const name of ['cart.js', 'gone/deep.js', 'notes.txt'])
    expect(await readFile(join(outside, name), 'utf8')).toBe('precious\n')
  expect(existsSync(join(outside, 'part'))).toBe(false)
  expect(await treeNow()).toBe(wanted)
})
