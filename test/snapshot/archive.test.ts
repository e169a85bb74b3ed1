import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { Mirror } from '../../src/git/index.ts'
import { type ArchiveFormat, archiveSnapshot, checkoutSnapshot } from '../../src/snapshot/index.ts'
import { emptyMirror, type Files, git, scratch, treeOf } from './sample.ts'

const deep = `${'a-long-folder-name/'.repeat(12)}end.js`
const files: Files = {
  '.gitattributes': '*.txt text eol=crlf\n',
  'src/cart.js': 'export const total = 1\n',
  'notes.txt': 'one\ntwo\n',
  'run.sh': { mode: '100755', content: '#!/bin/sh\n' },
  link: { mode: '120000', content: 'src/cart.js' },
  'out/of/here': { mode: '120000', content: '../../../../etc/passwd' },
  'nowhere ': { mode: '120000', content: 'not-there' },
  '-rf': 'a name like an option\n',
  'src/ünï "q"\n\t.js': 'odd\n',
  'back\\slash.js': '',
  [deep]: 'far down\n',
}

async function archived(mirror: Mirror, tree: string, format: ArchiveFormat, tag: string | null = 'v1.2.0') {
  const work = await scratch()
  await mkdir(join(work, 'folder'))
  const file = join(work, 'archive')
  const commit = await archiveSnapshot(mirror, { tree, tag, format }, join(work, 'folder'), file)
  return {
    commit,
    file,
    digest: createHash('sha256')
      .update(await readFile(file))
      .digest('hex'),
  }
}

async function unpacked(file: string): Promise<string> {
  const folder = join(await scratch(), 'unpacked')
  await mkdir(folder)
  execFileSync('tar', ['--extract', '--directory', folder], { input: zstdDecompressSync(await readFile(file)) })
  return folder
}

/** Every path with what it is: kind, executable or not, time and content. */
async function listed(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const path of (await readdir(folder, { recursive: true })).sort()) {
    const stat = await lstat(join(folder, path))
    const content = stat.isSymbolicLink()
      ? await readlink(join(folder, path))
      : stat.isFile()
        ? (await readFile(join(folder, path))).toString('base64')
        : ''
    const time = path === '.git' || path.startsWith('.git/') ? '' : stat.mtime.toISOString()
    found[path] =
      `${stat.isSymbolicLink() ? 'link' : stat.isFile() ? 'file' : 'folder'} ${stat.mode & 0o100} ${time} ${content}`
  }
  return found
}

test('the tar unpacks to what a checkout writes: names, links, modes, times, and the repository byte for byte', async () => {
  const mirror = await emptyMirror()
  const tree = await treeOf(mirror, files)
  const plain = join(await scratch(), 'checkout')
  const commit = await checkoutSnapshot(mirror, tree, plain, { tag: 'v1.2.0' })
  const archive = await archived(mirror, tree, 'tar')
  const folder = await unpacked(archive.file)
  expect(archive.commit).toBe(commit)
  expect(await git(folder, 'rev-parse', 'HEAD')).toBe(commit)
  expect(await git(folder, 'status', '--porcelain')).toBe('')
  expect(await git(folder, 'describe')).toBe('v1.2.0')
  expect(await git(folder, 'fsck', '--full', '--strict')).toBe('')
  expect(await listed(folder)).toEqual(await listed(plain))
})

test('the bundle clones to the same commit, with its tag, and holds no object besides', async () => {
  const mirror = await emptyMirror()
  const tree = await treeOf(mirror, files)
  const plain = join(await scratch(), 'checkout')
  const commit = await checkoutSnapshot(mirror, tree, plain, { tag: 'v1.2.0' })
  const archive = await archived(mirror, tree, 'bundle')
  const clone = join(await scratch(), 'clone')
  execFileSync('git', ['clone', '--quiet', archive.file, clone])
  expect(archive.commit).toBe(commit)
  expect(await git(clone, 'rev-parse', 'HEAD')).toBe(commit)
  expect(await git(clone, 'describe')).toBe('v1.2.0')
  expect(await git(clone, 'symbolic-ref', 'HEAD')).toBe('refs/heads/main')
  const objects = (folder: string) =>
    git(folder, 'cat-file', '--batch-all-objects', '--batch-check=%(objectname) %(objecttype)')
  expect(await objects(clone)).toBe(await objects(plain))
})

test.each(['tar', 'bundle'] as const)(
  'the same snapshot gives the same %s, however the mirror is packed',
  async (format) => {
    const [loose, packed] = [await emptyMirror(), await emptyMirror()]
    const large = { ...files, 'large.js': 'const line = 1\n'.repeat(5000) }
    const tree = await treeOf(loose, large)
    await treeOf(packed, { ...large, 'large.js': `${large['large.js']}// grown\n` })
    await treeOf(packed, large)
    // Deltas against a later version, and another compression: an archive takes over neither.
    const all = await packed.text(['cat-file', '--batch-all-objects', '--batch-check=%(objectname)'])
    await packed.git(['pack-objects', '--quiet', '--window=50', join(packed.folder, 'objects/pack/pack')], {
      input: `${all}\n`,
      settings: { 'pack.compression': '1' },
    })
    await packed.git(['prune-packed', '--quiet'])
    const umask = process.umask(0o077)
    const first = await archived(loose, tree, format)
    process.umask(umask)
    const second = await archived(packed, tree, format)
    expect(second).toMatchObject({ commit: first.commit, digest: first.digest })
    expect((await archived(loose, tree, format, null)).digest).not.toBe(first.digest)
  },
)
