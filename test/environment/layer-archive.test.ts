import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listContent, measureLayer, packLayer, unpackLayer } from '../../src/environment/layer-archive.ts'
import { Fault } from '../../src/errors.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'quarry-layer-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

/** An install's folder as an overlay leaves it; made in another order and at another time it is the same. */
async function makeInstalled(name: string, order: 1 | -1): Promise<string> {
  const folder = join(root, name)
  const make = [
    () => writeFile(join(folder, 'node_modules/left/index.js'), 'module.exports = 1\n'),
    () => writeFile(join(folder, 'node_modules/ünï "q" 日本/ä.js'), 'umlaut\n'),
    () => writeFile(join(folder, 'node_modules/-dash'), 'no option\n'),
    () => symlink('../left/index.js', join(folder, 'node_modules/.bin/left')),
    () => symlink('/env/node/bin/node', join(folder, 'node_modules/.bin/node')),
    async () => {
      await writeFile(join(folder, 'node_modules/.bin/run.sh'), '#!/bin/sh\n')
      await chmod(join(folder, 'node_modules/.bin/run.sh'), 0o755)
    },
  ]
  for (const inside of ['left', 'ünï "q" 日本', '.bin', 'empty'])
    await mkdir(join(folder, 'node_modules', inside), { recursive: true })
  for (const one of order === 1 ? make : make.reverse()) await one()
  await utimes(join(folder, 'node_modules/left/index.js'), new Date(), new Date(Date.now() - order * 1e6))
  // What an overlay marks as deleted, and what no archive should hold.
  execFileSync('mknod', [join(folder, 'node_modules/gone'), 'c', '0', '0'])
  execFileSync('mkfifo', [join(folder, 'node_modules/pipe')])
  return folder
}

async function pack(folder: string) {
  const { kept: paths } = await listContent(folder, () => true)
  let compressed = Buffer.alloc(0)
  const packed = await packLayer(folder, paths, async (stream) => {
    compressed = await buffer(stream)
  })
  return { ...packed, paths, compressed }
}

test('what is measured is what is packed, and what is unpacked is packed to the same', async () => {
  const folder = await makeInstalled('measured', 1)
  await chmod(join(folder, 'node_modules/left/index.js'), 0o666)
  const { kept, left } = await listContent(folder, (path) => !path.startsWith('node_modules/left'))
  expect(left).toEqual(expect.arrayContaining(['node_modules/left', 'node_modules/empty', 'node_modules/gone']))
  expect(left.filter((path) => path.startsWith('node_modules/left/'))).toEqual([])
  expect(kept).toContain('node_modules/-dash')
  const { diffId, bytes, paths, compressed } = await pack(folder)
  expect(await measureLayer(folder, paths)).toEqual({ diffId, bytes })
  const copy = join(root, 'copy')
  const umask = process.umask(0o077)
  await unpackLayer(Readable.from([compressed]), copy).finally(() => process.umask(umask))
  expect((await pack(copy)).diffId).toBe(diffId)
})

test('the same files give the same bytes, whenever and in whatever order they were written', async () => {
  const [first, second] = [await pack(await makeInstalled('first', 1)), await pack(await makeInstalled('second', -1))]
  expect(second.compressed.equals(first.compressed)).toBe(true)
  expect(second.diffId).toBe(first.diffId)
  const tar = zstdDecompressSync(first.compressed)
  expect(first.bytes).toBe(tar.length)
  expect(first.diffId).toBe(`sha256:${createHash('sha256').update(tar).digest('hex')}`)
})

test('paths are sorted, below testbed/, of one owner and time, without whiteouts and pipes', async () => {
  const { paths, compressed } = await pack(await makeInstalled('listed', 1))
  expect(paths).toEqual([...paths].sort())
  const listing = execFileSync('tar', ['--list', '--verbose', '--numeric-owner', '--quoting-style=literal'], {
    input: zstdDecompressSync(compressed),
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC' },
  })
  const lines = listing.trim().split('\n')
  expect(
    lines.every((line) => line.includes(' 1000/1000 ') && line.includes('2001-09-09') && / testbed\//.test(line)),
  ).toBe(true)
  expect(listing).not.toMatch(/gone|pipe/)
  expect(listing).toContain('testbed/node_modules/ünï "q" 日本/ä.js')
  expect(listing).toContain('testbed/node_modules/.bin/node -> /env/node/bin/node')
})

test('unpacked, links, modes and names are what was packed', async () => {
  const { compressed } = await pack(await makeInstalled('packed', 1))
  const folder = join(root, 'unpacked')
  await unpackLayer(Readable.from([compressed]), folder)
  expect(await readdir(folder)).toEqual(['node_modules'])
  expect(await readFile(join(folder, 'node_modules/ünï "q" 日本/ä.js'), 'utf8')).toBe('umlaut\n')
  expect(await readlink(join(folder, 'node_modules/.bin/left'))).toBe('../left/index.js')
  expect(await readlink(join(folder, 'node_modules/.bin/node'))).toBe('/env/node/bin/node')
  expect((await lstat(join(folder, 'node_modules/.bin/run.sh'))).mode & 0o777).toBe(0o755)
  expect((await lstat(join(folder, 'node_modules/left/index.js'))).mode & 0o111).toBe(0)
  expect((await pack(folder)).diffId).toBe((await pack(await makeInstalled('again', 1))).diffId)
})

test('tar may leave at the end mark, before it has read what pads the archive', async () => {
  const { compressed } = await pack(await makeInstalled('padded', 1))
  const padded = zstdCompressSync(Buffer.concat([zstdDecompressSync(compressed), Buffer.alloc(8 * 2 ** 20)]))
  const folder = join(root, 'from-padded')
  await unpackLayer(Readable.from([padded]), folder)
  expect(await readdir(folder)).toEqual(['node_modules'])
})

test('a broken archive is a fault, and leaves no folder that looks like a layer', async () => {
  const { compressed } = await pack(await makeInstalled('cut', 1))
  const folder = join(root, 'from-cut')
  await expect(unpackLayer(Readable.from([compressed.subarray(0, compressed.length / 2)]), folder)).rejects.toThrow(
    Fault,
  )
  expect(await readdir(root)).not.toContain('from-cut')
})
