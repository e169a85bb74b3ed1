import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openFolderBlobs } from '../../src/blobs/folder.ts'
import type { Blobs, Digest } from '../../src/blobs/types.ts'
import { node, startProgram } from '../program.ts'

let root: string
let blobs: Blobs

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'quarry-blobs-'))
  blobs = await openFolderBlobs(root)
})

afterEach(() => rmSync(root, { recursive: true }))

const text = Buffer.from('layer upon layer')
const digest: Digest = `sha256:${createHash('sha256').update(text).digest('hex')}`
const SLOW_PUT = new URL('programs/slow-put.ts', import.meta.url)
const FILL_DISK = new URL('programs/fill-disk.ts', import.meta.url)

describe('blobs in a folder', () => {
  test('come back by the digest of their content', async () => {
    expect(await blobs.put(text)).toEqual({ digest, bytes: text.length })
    expect(await blobs.get(digest)).toEqual(text)
    expect(await buffer(await blobs.stream(digest))).toEqual(text)
    expect(readFileSync(await blobs.file(digest))).toEqual(text)
    expect(await blobs.size(digest)).toBe(text.length)
  })

  test('are the same from a stream, an empty one too', async () => {
    const large = Buffer.alloc(300_000, 'abc')
    expect(await blobs.put(Readable.from([large.subarray(0, 100_001), large.subarray(100_001)]))).toEqual(
      await blobs.put(large),
    )
    expect((await blobs.put(Readable.from([]))).bytes).toBe(0)
  })

  test('are kept once, however many put them at the same time', async () => {
    await Promise.all(Array.from({ length: 8 }, () => blobs.put(text)))
    expect(readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())).toHaveLength(
      1,
    )
  })

  test('that are not there are a fault of their own kind', async () => {
    expect(await blobs.has(digest)).toBe(false)
    expect(await blobs.size(digest)).toBeNull()
    await expect(blobs.get(digest)).rejects.toMatchObject({ kind: 'blob-missing' })
    await expect(blobs.stream(digest)).rejects.toMatchObject({ kind: 'blob-missing' })
    await expect(blobs.file(digest)).rejects.toMatchObject({ kind: 'blob-missing' })
    await expect(blobs.get('sha256:../../etc/passwd')).rejects.toMatchObject({ kind: 'blob-missing' })
  })

  test('can be removed, twice', async () => {
    await blobs.put(text)
    await (await blobs.setAside(digest))?.remove()
    expect(await blobs.setAside(digest)).toBeNull()
    expect(await blobs.has(digest)).toBe(false)
  })

  test('of a stream that breaks leave nothing', async () => {
    const breaking = Readable.from(
      (async function* () {
        yield text
        throw new Error('the pipe burst')
      })(),
    )
    await expect(blobs.put(breaking)).rejects.toThrow(/the pipe burst/)
    expect(readdirSync(join(root, 'incoming'))).toEqual([])
    expect(await blobs.has(digest)).toBe(false)
  })

  test('of a writer that was killed are not there, and its leftovers go in time', async () => {
    const writer = startProgram(node(SLOW_PUT, root))
    await writer.heard('half')
    await writer.kill()
    expect(readdirSync(root)).toEqual(['incoming'])
    const [leftover = ''] = readdirSync(join(root, 'incoming'))
    await openFolderBlobs(root)
    expect(readdirSync(join(root, 'incoming'))).toEqual([leftover])
    const longAgo = Date.now() / 1000 - 25 * 3600
    utimesSync(join(root, 'incoming', leftover), longAgo, longAgo)
    await openFolderBlobs(root)
    expect(readdirSync(join(root, 'incoming'))).toEqual([])
  })

  test('that do not fit are a disk-full fault, and leave the room to others', async () => {
    const mount = 'mount -t tmpfs -o size=1m tmpfs "$1" && shift && exec "$@"'
    const argv = ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', mount, 'sh', root]
    const filling = startProgram([...argv, ...node(FILL_DISK, root)])
    expect(await filling.heard('fault')).toBe('disk-full')
    expect(await filling.heard('incoming')).toBe('0')
    expect(await filling.heard('after')).toBe('1000')
    expect(await filling.finish()).toBe(0)
  })
})
