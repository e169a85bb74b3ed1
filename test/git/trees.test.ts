import { execFileSync } from 'node:child_process'
import { chmodSync, lstatSync, readFileSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  applyAndCompare,
  applyToTree,
  buildTree,
  changeSizes,
  commitTree,
  diffTrees,
  LAID_OUT_AT,
  layOut,
  type Mirror,
  openMirror,
  openQuarantine,
  openTree,
  patchBetween,
  pin,
  resolveRevision,
  unpin,
  writeBlob,
} from '../../src/git/index.ts'
import { makeFolder, makeRepository, type TestRepository } from './repository.ts'

let repository: TestRepository
let mirror: Mirror
let before: string
let after: string

/** Everything awkward at once: links, modes, CRLF, binary, odd names, no newline at the end, renames, deletions. */
beforeAll(async () => {
  repository = makeRepository()
  const { folder } = repository
  repository.write({
    '.gitattributes': '*.bat text eol=crlf\n*.lock -diff\n*.cfg diff=odd\n',
    'plain.txt': 'one\ntwo\n',
    'with space "and quote".txt': 'a\n',
    'größe/日本語.txt': 'ü\n',
    'crlf.txt': 'a\r\nb\r\n',
    'run.sh': '#!/bin/sh\n',
    'data.bin': Buffer.from([0, 1, 2, 255]),
    'no-newline': 'x',
    'go.bat': 'echo\n',
    'a.lock': 'v1\n',
    'a.cfg': 'k=1\n',
    gone: 'bye\n',
    'becomes/file': 'x\n',
  })
  symlinkSync('plain.txt', join(folder, 'link'))
  before = repository.commit('before')
  repository.write({
    'plain.txt': 'one\nTWO\n',
    'with space "and quote".txt': 'b\n',
    'größe/日本語.txt': 'ß\n',
    'crlf.txt': 'a\r\nc\r\n',
    'data.bin': Buffer.from([0, 9, 9, 9]),
    'no-newline': 'y',
    'a.lock': 'v2\n',
    'a.cfg': 'k=2\n',
    'added/deep/file.txt': 'new\n',
    empty: '',
  })
  chmodSync(join(folder, 'run.sh'), 0o755)
  for (const path of ['gone', 'becomes', 'link']) rmSync(join(folder, path), { recursive: true })
  repository.write({ becomes: 'now a file\n' })
  symlinkSync('../elsewhere', join(folder, 'link'))
  after = repository.commit('after')
  mirror = openMirror(join(folder, '.git'))
})

afterAll(async () => {
  await mirror.close()
  rmSync(repository.folder, { recursive: true })
})

async function treeOf(commit: string): Promise<string> {
  return (await resolveRevision(mirror, `${commit}^{tree}`)) ?? ''
}

describe('a tree', () => {
  it('is read by path, bytes kept, links and missing paths as null', async () => {
    const tree = await openTree(mirror, after)
    expect(tree.paths).toContain('größe/日本語.txt')
    expect(await tree.read('größe/日本語.txt')).toBe('ß\n')
    expect(await tree.read('crlf.txt')).toBe('a\r\nc\r\n')
    expect(await tree.read('empty')).toBe('')
    expect(await tree.read('link')).toBeNull()
    expect(await tree.read('nowhere')).toBeNull()
    expect(tree.has('gone')).toBe(false)
    expect(tree.blobOf('empty')).toBe('e69de29bb2d1d6434b8b29ae775ad8c2e48c5391')
  })

  it('answers a thousand questions asked at once, each with its own blob', async () => {
    const tree = await openTree(mirror, after)
    const answers = await Promise.all(
      Array.from({ length: 1000 }, (_, n) => tree.read(n % 2 === 0 ? 'plain.txt' : 'no-newline')),
    )
    expect(answers.every((text, n) => text === (n % 2 === 0 ? 'one\nTWO\n' : 'y'))).toBe(true)
  })

  it('reads a blob of many megabytes whole', async () => {
    const content = Buffer.alloc(5_000_000, 'abc\n')
    const object = await mirror.objects.read(await writeBlob(mirror, content))
    expect(object?.content.equals(content)).toBe(true)
  })

  it('is compared without pairing renames', async () => {
    const changes = await diffTrees(mirror, before, after)
    const status = new Map(changes.map(({ path, status: value }) => [path, value]))
    expect(status.get('gone')).toBe('deleted')
    expect(status.get('becomes/file')).toBe('deleted')
    expect(status.get('becomes')).toBe('added')
    expect(changes.find(({ path }) => path === 'run.sh')).toMatchObject({ oldMode: '100644', newMode: '100755' })
    expect(changes.find(({ path }) => path === 'gone')?.newBlob).toBeNull()
  })

  it('tells sizes of changes, null for binary files', async () => {
    const sizes = await changeSizes(mirror, before, after)
    expect(sizes.get('plain.txt')).toEqual({ added: 1, deleted: 1 })
    expect(sizes.get('größe/日本語.txt')).toEqual({ added: 1, deleted: 1 })
    expect(sizes.get('data.bin')).toBeNull()
  })

  it('is built from another by edits, a file in the place of a folder too', async () => {
    const blob = await writeBlob(mirror, 'edited\r\n')
    const built = await buildTree(mirror, await treeOf(before), [
      { path: 'becomes', mode: '100644', blob },
      { path: 'becomes/file', mode: '100644', blob: null },
      { path: 'x/y/z', mode: '100755', blob },
      { path: 'gone', mode: '100644', blob: null },
    ])
    const tree = await openTree(mirror, built)
    expect(await tree.read('becomes')).toBe('edited\r\n')
    expect(await tree.read('x/y/z')).toBe('edited\r\n')
    expect(tree.has('gone')).toBe(false)
  })

  it.each(['../out', '.git/config', 'a/.GIT/x', '/abs'])('is never built with the path %s', async (path) => {
    const blob = await writeBlob(mirror, 'x')
    await expect(buildTree(mirror, null, [{ path, mode: '100644', blob }])).rejects.toMatchObject({ kind: 'git' })
  })
})

describe('a patch', () => {
  it('between two trees, applied to the first, gives the second', async () => {
    const patch = await patchBetween(mirror, before, after)
    expect(await applyToTree(mirror, await treeOf(before), patch)).toEqual({ tree: await treeOf(after) })
  })

  it('applies with plain `git apply` in a work tree', async () => {
    const folder = makeFolder()
    await layOut(mirror, await treeOf(before), folder)
    const patch = await patchBetween(mirror, before, after)
    execFileSync('git', ['apply', '-'], {
      cwd: folder,
      input: patch,
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' },
    })
    expect(readFileSync(join(folder, 'crlf.txt'), 'utf8')).toBe('a\r\nc\r\n')
    expect(readFileSync(join(folder, 'data.bin'))).toEqual(Buffer.from([0, 9, 9, 9]))
    expect(lstatSync(join(folder, 'run.sh')).mode & 0o111).toBe(0o111)
    expect(readlinkSync(join(folder, 'link'))).toBe('../elsewhere')
    rmSync(folder, { recursive: true })
  })

  it('keeps to the paths asked for, names taken as they are', async () => {
    repository.write({ '*.txt': 'star\n' })
    const star = repository.commit('star')
    const patch = await patchBetween(mirror, after, star, ['*.txt'])
    expect(patch.toString()).toContain('+star')
    expect((await patchBetween(mirror, before, after, ['*.txt'])).toString()).toBe('')
  })

  it('is the same under every configuration of the repository', async () => {
    const expected = await patchBetween(mirror, before, after)
    const settings = [
      'diff.noprefix true',
      'diff.mnemonicPrefix true',
      'color.ui always',
      'core.autocrlf true',
      'diff.context 1',
    ]
    const drivers = [
      'diff.odd.textconv false',
      'diff.odd.command false',
      'diff.external false',
      'diff.algorithm patience',
      'diff.renames copies',
    ]
    for (const setting of [...settings, ...drivers]) repository.git('config', ...setting.split(' '))
    expect((await patchBetween(mirror, before, after)).equals(expected)).toBe(true)
    expect(await applyToTree(mirror, await treeOf(before), expected)).toEqual({ tree: await treeOf(after) })
  })

  it('is applied and compared with another tree at once, as one after the other', async () => {
    const [from, to] = [await treeOf(before), await treeOf(after)]
    const patch = await patchBetween(mirror, before, after)
    for (const other of [from, to]) {
      expect(await applyAndCompare(mirror, from, patch, other)).toEqual({
        tree: to,
        changes: await diffTrees(mirror, other, to),
      })
      expect(await applyAndCompare(mirror, from, Buffer.alloc(0), other)).toEqual({
        tree: from,
        changes: await diffTrees(mirror, other, from),
      })
    }
    expect(await applyAndCompare(mirror, from, Buffer.from('junk'), to)).toHaveProperty('rejected')
  })

  it('that is empty changes nothing', async () => {
    const tree = await treeOf(before)
    expect(await applyToTree(mirror, tree, Buffer.from('\n'))).toEqual({ tree })
  })

  const adding = (path: string) =>
    `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+x\n`
  it.each([
    ['leaves the tree', adding('../out')],
    ['writes into .git', adding('.git/hooks/pre-commit')],
    ['goes through a link', adding('link/inside')],
    [
      'makes a link and goes through it',
      `diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/tmp\n\\ No newline at end of file\n${adding('l/x')}`,
    ],
    ['does not fit', 'diff --git a/plain.txt b/plain.txt\n--- a/plain.txt\n+++ b/plain.txt\n@@ -1 +1 @@\n-other\n+x\n'],
    ['is no patch', 'hello\n'],
  ])('that %s is rejected with a reason', async (_, text) => {
    const outcome = await applyToTree(mirror, await treeOf(before), Buffer.from(text))
    expect(outcome).toHaveProperty('rejected')
    expect('rejected' in outcome && outcome.rejected).not.toBe('')
  })
})

describe('a quarantine', () => {
  it('keeps what is written there out of the mirror', async () => {
    const aside = await openQuarantine(mirror)
    const blob = await writeBlob(aside, 'only for this grade\n')
    const tree = await buildTree(aside, await treeOf(before), [{ path: 'new', mode: '100644', blob }])
    expect(await (await openTree(aside, tree)).read('new')).toBe('only for this grade\n')
    await aside.close()
    expect(await mirror.objects.read(blob)).toBeNull()
    expect(await mirror.objects.read(tree)).toBeNull()
  })
})

describe('a laid-out tree', () => {
  it('has what a checkout has, with one old time on every path', async () => {
    const folder = join(makeFolder(), 'out')
    await layOut(mirror, await treeOf(after), folder)
    expect(readFileSync(join(folder, 'go.bat'), 'utf8')).toBe('echo\r\n')
    expect(readFileSync(join(folder, 'crlf.txt'), 'utf8')).toBe('a\r\nc\r\n')
    expect(readlinkSync(join(folder, 'link'))).toBe('../elsewhere')
    expect(lstatSync(join(folder, 'run.sh')).mode & 0o100).toBe(0o100)
    for (const path of ['.', 'plain.txt', 'link', 'added', 'added/deep', 'added/deep/file.txt']) {
      expect(lstatSync(join(folder, path)).mtimeMs).toBe(LAID_OUT_AT.getTime())
    }
    rmSync(folder, { recursive: true })
  })

  it('leaves LFS pointers as they are, and makes submodules empty folders', async () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'
    const attributes = await writeBlob(mirror, '*.bin filter=lfs\n')
    const tree = await buildTree(mirror, null, [
      { path: '.gitattributes', mode: '100644', blob: attributes },
      { path: 'big.bin', mode: '100644', blob: await writeBlob(mirror, pointer) },
      { path: 'sub', mode: '160000', blob: before },
    ])
    const folder = makeFolder()
    await layOut(mirror, tree, folder)
    expect(readFileSync(join(folder, 'big.bin'), 'utf8')).toBe(pointer)
    expect(lstatSync(join(folder, 'sub')).isDirectory()).toBe(true)
    rmSync(folder, { recursive: true })
  })
})

describe('a commit', () => {
  it('of the same tree and message has the same id always, and stays while it is pinned', async () => {
    const tree = await treeOf(before)
    const first = await commitTree(mirror, { tree, message: 'Snapshot\n' })
    expect(await commitTree(mirror, { tree, message: 'Snapshot\n' })).toBe(first)
    await pin(mirror, 'task-1', first)
    expect(await resolveRevision(mirror, 'refs/quarry/task-1')).toBe(first)
    await unpin(mirror, 'task-1')
    await unpin(mirror, 'task-1')
    expect(await resolveRevision(mirror, 'refs/quarry/task-1')).toBeNull()
  })
})
