import { existsSync } from 'node:fs'
import { lstat, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { UserError } from '../../src/errors.ts'
import { commitTree, type Mirror } from '../../src/git/index.ts'
import { checkoutSnapshot } from '../../src/snapshot/index.ts'
import { emptyMirror, type Files, git, scratch, treeOf } from './sample.ts'

const files: Files = {
  '.gitattributes': '*.txt text eol=crlf\n*.raw -text\n*.js text=auto\n*.lfs filter=lfs\n',
  'src/cart.js': 'export const total = 1\n',
  'notes.txt': 'one\ntwo\n',
  'stored-with-crlf.js': 'one\r\ntwo\r\n',
  'a.raw': 'one\r\n',
  'big.lfs': 'version https://git-lfs.example/spec/v1\n',
  'run.sh': { mode: '100755', content: '#!/bin/sh\n' },
  link: { mode: '120000', content: 'src/cart.js' },
  'src/ünï "q".js': '',
}

async function checkedOut(tag?: string): Promise<{ folder: string; commit: string; mirror: Mirror; tree: string }> {
  const mirror = await emptyMirror()
  const tree = await treeOf(mirror, files)
  // What an agent must not see: a history before and after, on a branch.
  const fix = await treeOf(mirror, { ...files, 'src/cart.js': 'export const total = 2 // the fix\n' })
  const first = await commitTree(mirror, { tree, message: 'first' })
  await mirror.git([
    'update-ref',
    'refs/heads/main',
    await commitTree(mirror, { tree: fix, message: 'fix', parents: [first] }),
  ])
  await mirror.git(['repack', '-adq'])
  const folder = join(await scratch(), 'work')
  return {
    folder,
    mirror,
    tree,
    commit: await checkoutSnapshot(mirror, tree, folder, tag === undefined ? {} : { tag }),
  }
}

test('holds one root commit, and no object that is not of its own tree', async () => {
  const { folder, commit, tree } = await checkedOut('v1.2.0')
  expect(await git(folder, 'rev-list', '--all')).toBe(commit)
  expect(await git(folder, 'rev-parse', 'HEAD^{tree}')).toBe(tree)
  const stored = (await git(folder, 'cat-file', '--batch-all-objects', '--batch-check=%(objectname)'))
    .split('\n')
    .sort()
  const reachable = (await git(folder, 'rev-list', '--objects', '--all', '--no-object-names')).split('\n').sort()
  expect(stored).toEqual(reachable)
  expect(await git(folder, 'fsck', '--full', '--strict')).toBe('')
})

test('holds no remote, reflog, hook or alternate, and names nobody', async () => {
  const { folder } = await checkedOut()
  expect(await git(folder, 'remote')).toBe('')
  expect(await git(folder, 'reflog', '--all')).toBe('')
  for (const each of ['hooks', 'logs', 'objects/info/alternates', 'packed-refs', 'FETCH_HEAD', 'ORIG_HEAD']) {
    expect(existsSync(join(folder, '.git', each))).toBe(false)
  }
  expect(await git(folder, 'log', '-1', '--format=%an %ae %aI')).toBe(
    'Quarry quarry@localhost 2001-01-01T00:00:00+00:00',
  )
})

test('is clean to git, whatever the attributes and whoever owns the files, without a new index', async () => {
  const { folder } = await checkedOut()
  expect(await git(folder, 'status', '--porcelain')).toBe('')
  expect(await readFile(join(folder, 'notes.txt'), 'utf8')).toBe('one\r\ntwo\r\n')
  const index = await readFile(join(folder, '.git/index'))
  await git(folder, 'status')
  expect((await readFile(join(folder, '.git/index'))).equals(index)).toBe(true)
  await git(folder, 'diff-index', '--quiet', 'HEAD')
})

test('a change in it is seen', async () => {
  const { folder } = await checkedOut()
  await writeFile(join(folder, 'src/cart.js'), 'export const total = 3\n')
  expect(await git(folder, 'status', '--porcelain')).toBe(' M src/cart.js')
})

test('gives every path one old time', async () => {
  const { folder } = await checkedOut()
  for (const path of await readdir(folder, { recursive: true })) {
    if (!path.startsWith('.git/') && path !== '.git')
      expect((await lstat(join(folder, path))).mtime.toISOString()).toBe('2001-01-01T00:00:00.000Z')
  }
})

test('comes out the same each time', async () => {
  const [a, b] = [await checkedOut('v1'), await checkedOut('v1')]
  expect(a.commit).toBe(b.commit)
  expect((await readFile(join(a.folder, '.git/index'))).equals(await readFile(join(b.folder, '.git/index')))).toBe(true)
})

test('has the tag that a build asks for', async () => {
  const { folder } = await checkedOut('release/v1.2.0')
  expect(await git(folder, 'describe')).toBe('release/v1.2.0')
})

test('asks for an empty folder', async () => {
  const { folder, mirror, tree } = await checkedOut()
  await expect(checkoutSnapshot(mirror, tree, folder)).rejects.toThrow(UserError)
})
