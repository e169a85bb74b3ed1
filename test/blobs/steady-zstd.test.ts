import { randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { setImmediate as turn } from 'node:timers/promises'
import { zstdDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { steadyZstd } from '../../src/blobs/steady-zstd.ts'

const content = Buffer.concat([randomBytes(300_000), Buffer.alloc(300_000, 'some words '), randomBytes(70_000)])

/** The content in pieces; with `pauses` the compressor has nothing to do in between, and none else knows which piece is the last. */
async function* pieces(size: number, pauses: boolean): AsyncGenerator<Buffer> {
  for (let at = 0; at < content.length; at += size) {
    yield content.subarray(at, at + size)
    if (pauses) await turn()
  }
}

test('the same content gives the same bytes, in whatever pieces and however fast it comes', async () => {
  const whole = await buffer(steadyZstd(pieces(content.length, false), 3))
  expect(zstdDecompressSync(whole).equals(content)).toBe(true)
  for (const size of [1000, 4096, 65_536, 131_072, 400_000]) {
    for (const pauses of [true, false])
      expect((await buffer(steadyZstd(pieces(size, pauses), 3))).equals(whole), `${size}`).toBe(true)
  }
})

test('a content that fails fails the stream', async () => {
  async function* failing(): AsyncGenerator<Buffer> {
    yield content
    throw new Error('the disk is gone')
  }
  await expect(buffer(steadyZstd(failing(), 3))).rejects.toThrow('the disk is gone')
})

test('a reader that leaves ends the content', async () => {
  let ended = false
  async function* endless(): AsyncGenerator<Buffer> {
    try {
      for (;;) yield randomBytes(100_000)
    } finally {
      ended = true
    }
  }
  for await (const _ of steadyZstd(endless(), 3)) break
  await expect.poll(() => ended).toBe(true)
})
