import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFolderBlobs } from '../../src/blobs/folder.ts'
import type { Blobs, Digest } from '../../src/blobs/types.ts'
import { packLayer } from '../../src/environment/layer-archive.ts'
import { type LayerStore, makeLayerStore } from '../../src/environment/layer-store.ts'
import { createSandbox } from '../../src/sandboxes/index.ts'
import { ownerName } from '../../src/sandboxes/owner.ts'
import type { Sandbox } from '../../src/sandboxes/types.ts'
import { startProgram } from '../program.ts'

let home: string
let folder: string
let blobs: Blobs
let store: LayerStore

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'quarry-layers-'))
  folder = join(home, 'layers')
  blobs = await openFolderBlobs(join(home, 'blobs'))
  store = openStore()
})
afterEach(async () => {
  for (const sandbox of sandboxes.splice(0)) await sandbox.close()
  await rm(home, { recursive: true, force: true })
})

const content = { kept: ['package.js'], left: [] }
const sandboxes: Sandbox[] = []

function openStore(budget = 1e9): LayerStore {
  const sandbox = createSandbox('bubblewrap', { home, node: process.execPath })
  sandboxes.push(sandbox)
  return makeLayerStore({ folder, blobs, sandbox, budget })
}

interface Stored {
  readonly layer: string
  readonly blob: Digest
  readonly name: string
}

/** A layer of about a mebibyte. */
async function makeLayer(content: string): Promise<Stored> {
  const source = join(home, `source-${content}`)
  await mkdir(source)
  await writeFile(join(source, 'package.js'), content.repeat(2 ** 20 / content.length))
  let blob: Digest = 'sha256:'
  const { diffId } = await packLayer(source, ['package.js'], async (compressed) => {
    blob = (await blobs.put(compressed)).digest
  })
  return { layer: diffId, blob, name: diffId.replace('sha256:', '') }
}

const unpacked = async () => (await readdir(folder)).filter((name) => /^[0-9a-f]{64}$/.test(name)).sort()

/** As if it had been used so many hours ago. */
async function age(stored: Stored, hours: number): Promise<void> {
  const then = new Date(Date.now() - hours * 3_600_000)
  await utimes(join(folder, `${stored.name}.held`), then, then)
}

async function useAndAge(stored: Stored, hours: number): Promise<void> {
  await (await store.hold(stored.layer, stored.blob)).release()
  await age(stored, hours)
}

test('a layer is unpacked once, however many ask', async () => {
  const stored = await makeLayer('a')
  const held = await Promise.all([1, 2, 3].map(() => store.hold(stored.layer, stored.blob)))
  expect(new Set(held.map((one) => one.folder)).size).toBe(1)
  expect(await readdir(held[0]?.folder ?? '')).toEqual(['package.js'])
  const kept = [stored.name, `${stored.name}.bytes`, `${stored.name}.held`]
  expect((await readdir(folder)).sort()).toEqual(kept)
})

test('how large a layer is, is measured once; nothing of it is left when it goes', async () => {
  const stored = await makeLayer('a')
  await useAndAge(stored, 1)
  await writeFile(join(folder, `${stored.name}.bytes`), String(2 ** 30))
  expect(await store.shrink(2 ** 30)).toBe(0)
  expect(await store.shrink(2 ** 30 - 1)).toBe(1)
  expect((await readdir(folder)).filter((name) => name.endsWith('.bytes'))).toEqual([])
})

test('the least recently used goes first, and no more than must', async () => {
  const [old, newer, newest] = [await makeLayer('a'), await makeLayer('b'), await makeLayer('c')]
  await useAndAge(newer, 2)
  await useAndAge(newest, 1)
  await useAndAge(old, 3)
  expect(await store.shrink(2.5 * 2 ** 20)).toBe(1)
  expect(await unpacked()).toEqual([newer.name, newest.name].sort())
})

test('a layer that is held stays, until its last holder lets it go', async () => {
  const stored = await makeLayer('a')
  const [first, second] = [await store.hold(stored.layer, stored.blob), await store.hold(stored.layer, stored.blob)]
  await first.release()
  expect(await openStore().shrink(0)).toBe(0)
  expect(await unpacked()).toEqual([stored.name])
  await second.release()
  expect(await store.shrink(0)).toBe(1)
  expect(await unpacked()).toEqual([])
})

test('what went is unpacked again when it is wanted', async () => {
  const stored = await makeLayer('a')
  await useAndAge(stored, 1)
  await store.shrink(0)
  const held = await store.hold(stored.layer, stored.blob)
  expect(await readdir(held.folder)).toEqual(['package.js'])
})

test('a layer unpacked over the budget drives others out', async () => {
  const [old, fresh] = [await makeLayer('a'), await makeLayer('b')]
  await useAndAge(old, 1)
  await openStore(1.5 * 2 ** 20).hold(fresh.layer, fresh.blob)
  expect(await unpacked()).toEqual([fresh.name])
})

test('a layer placed over the budget does so, too', async () => {
  const [old, fresh] = [await makeLayer('a'), await makeLayer('b')]
  await useAndAge(old, 1)
  const placed = await openStore(1.5 * 2 ** 20).place(fresh.layer, join(home, 'source-b'), content)
  await placed.release()
  expect(await unpacked()).toEqual([fresh.name])
})

test('a placed layer is run on before it has an archive, and stays meanwhile', async () => {
  const { layer, name } = await makeLayer('a')
  const source = join(home, 'source-a')
  await writeFile(join(source, 'left.log'), 'of no use')
  const placed = await store.place(layer, source, { kept: ['package.js'], left: ['left.log'] })
  const held = await store.hold(layer, null)
  expect(held.folder).toBe(placed.folder)
  expect(await readdir(held.folder)).toEqual(['package.js'])
  await held.release()
  expect(await store.shrink(0)).toBe(0)
  await placed.release()
  expect(await store.shrink(0)).toBe(1)
  expect(await unpacked()).toEqual([])
  await expect(store.hold(layer, null)).rejects.toThrow(`the layer ${name} is gone before it was stored`)
})

test('a mark is there as long as anybody holds the layer, whoever comes while another leaves', async () => {
  const stored = await makeLayer('a')
  for (let round = 0; round < 100; round += 1) {
    const first = await store.hold(stored.layer, stored.blob)
    const [second] = await Promise.all([store.hold(stored.layer, stored.blob), first.release()])
    expect(await readdir(join(folder, `${stored.name}.held`))).toEqual([ownerName()])
    await second.release()
  }
})

test('what can not be placed or unpacked is held by nobody', async () => {
  const stored = await makeLayer('a')
  await expect(store.place(stored.layer, join(home, 'nothing'), content)).rejects.toThrow('ENOENT')
  await expect(store.hold(stored.layer, `sha256:${'0'.repeat(64)}`)).rejects.toThrow('is not in the store')
  expect(await readdir(join(folder, `${stored.name}.held`))).toEqual([])
})

test('two that let go at once over the budget remove what there is once', async () => {
  const tight = openStore(1)
  const [a, b] = [await makeLayer('a'), await makeLayer('b')]
  const placed = await Promise.all(
    [a, b].map((each, at) => tight.place(each.layer, join(home, `source-${'ab'[at]}`), content)),
  )
  await Promise.all(placed.map((each) => each.release()))
  await tight.shrink(0)
  expect(await unpacked()).toEqual([])
})

test('what a killed process held or was unpacking counts no more', async () => {
  const stored = await makeLayer('a')
  await useAndAge(stored, 1)
  const dead = await deadOwner()
  await writeFile(join(folder, `${stored.name}.held`, dead), '')
  const partial = `${'0'.repeat(64)}.${dead}.partial`
  const own = `${'1'.repeat(64)}.${ownerName()}.partial`
  for (const name of [partial, `${partial}.77.partial`, own]) await mkdir(join(folder, name))
  expect(await store.shrink(0)).toBe(1)
  expect(await unpacked()).toEqual([])
  expect((await readdir(folder)).filter((name) => name.includes('partial'))).toEqual([own])
})

/** The name of a process of this machine that is gone. */
async function deadOwner(): Promise<string> {
  const source = "import('/' + process.argv[1]).then((owner) => console.log('owner ' + owner.ownerName()))"
  const module = new URL('../../src/sandboxes/owner.ts', import.meta.url).pathname.slice(1)
  const program = startProgram([process.execPath, '--eval', source, module])
  const name = await program.heard('owner')
  await program.finish()
  return name
}
