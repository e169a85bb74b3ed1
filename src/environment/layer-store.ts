import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import type { Blobs, Digest } from '../blobs/types.ts'
import { Fault } from '../errors.ts'
import { ownerIsDead, ownerName } from '../sandboxes/owner.ts'
import type { Sandbox } from '../sandboxes/types.ts'
import { type LayerContent, unpackLayer } from './layer-archive.ts'
import { pruneTo } from './prune.ts'

/**
 * Unpacked layers: a cache on disk under a budget, least recently used first out. What a stored layer is stays in the blobs; a folder
 * here can go whenever nobody holds it.
 */
export interface LayerStore {
  /**
   * Host folder with the layer's content of /testbed, unpacked and adopted by the sandbox; held until `release`. `blob`: its archive,
   * null where there is none yet (see `place`).
   */
  hold(layer: string, blob: Digest | null): Promise<HeldLayer>
  /**
   * Takes the folder that an install wrote to as a layer's unpacked form, before there is an archive of it, and holds it. The folder is
   * gone afterwards, unless the layer is there already. The budget is kept to once it is released.
   */
  place(layer: string, folder: string, content: LayerContent): Promise<HeldLayer>
  /** The layers that are unpacked here. */
  unpacked(): Promise<readonly string[]>
  /** Deletes the least recently used layers that no process holds until the rest takes at most `bytes`; how many went. */
  shrink(bytes: number): Promise<number>
}

export interface HeldLayer {
  readonly folder: string
  release(): Promise<void>
}

export interface LayerStoreOptions {
  readonly folder: string
  readonly blobs: Blobs
  readonly sandbox: Sandbox
  /** What the unpacked layers together may take, in bytes. */
  readonly budget: number
}

export function makeLayerStore(options: LayerStoreOptions): LayerStore {
  const { folder: root, blobs, sandbox } = options
  const counts = new Map<string, number>()
  const unpacking = new Map<string, Promise<void>>()

  /** Other processes see what this one holds as a file of its name; a killed process's files count no more. */
  const markOf = (name: string) => join(root, `${name}.held`, ownerName())

  const mark = async (name: string) => {
    counts.set(name, (counts.get(name) ?? 0) + 1)
    await mkdir(join(root, `${name}.held`), { recursive: true })
    await writeFile(markOf(name), '')
  }
  const unmark = async (name: string) => {
    counts.set(name, (counts.get(name) ?? 1) - 1)
    if (counts.get(name) !== 0) return
    await rm(markOf(name), { force: true })
    // Whoever came meanwhile wrote the very file that went.
    if ((counts.get(name) ?? 0) > 0) await writeFile(markOf(name), '')
  }
  const orUnmark = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      await unmark(name)
      throw error
    }
  }

  const unpackOnce = async (name: string, blob: Digest | null) => {
    if (blob === null && existsSync(join(root, name))) return
    if (blob === null) throw new Fault('layer', `the layer ${name} is gone before it was stored`)
    const pending = unpacking.get(name) ?? unpack(name, blob).finally(() => unpacking.delete(name))
    unpacking.set(name, pending)
    await pending
  }
  const unpack = async (name: string, blob: Digest) => {
    const folder = join(root, name)
    if (existsSync(folder)) return
    const fresh = join(root, `${name}.${ownerName()}.partial`)
    await rm(fresh, { recursive: true, force: true })
    await unpackLayer(await blobs.stream(blob), fresh)
    await sandbox.adopt(fresh)
    await putInPlace(fresh, folder)
    await shrinkLayers(root, options.budget)
  }

  return {
    async hold(layer, blob) {
      const name = layer.replace('sha256:', '')
      await mark(name)
      return orUnmark(name, async () => {
        await unpackOnce(name, blob)
        const now = new Date()
        await utimes(join(root, `${name}.held`), now, now)
        return { folder: join(root, name), release: () => unmark(name) }
      })
    },
    async place(layer, built, content) {
      const name = layer.replace('sha256:', '')
      await mark(name)
      const folder = join(root, name)
      await orUnmark(name, async () => {
        if (existsSync(folder)) return
        await pruneTo(built, content)
        await putInPlace(built, folder)
      })
      const release = async () => {
        await unmark(name)
        await shrinkLayers(root, options.budget)
      }
      return { folder, release }
    },
    unpacked: async () => (await readdir(root).catch(() => [])).filter(isLayer).map((name) => `sha256:${name}`),
    shrink: (bytes) => shrinkLayers(root, bytes),
  }
}

const isLayer = (name: string) => /^[0-9a-f]{64}$/.test(name)

/** Another process may have been quicker: its folder is the same layer. */
async function putInPlace(fresh: string, folder: string): Promise<void> {
  await rename(fresh, folder).catch(async (error: unknown) => {
    if (!existsSync(folder)) throw error
    await rm(fresh, { recursive: true, force: true })
  })
}

/** As `LayerStore.shrink`, for who opens no store. */
export async function shrinkLayers(root: string, bytes: number): Promise<number> {
  const entries = await readdir(root).catch(() => [])
  await removePartials(root, entries)
  const layers = await Promise.all(entries.filter(isLayer).map((name) => measure(root, name)))
  let total = layers.reduce((sum, { size }) => sum + size, 0)
  let removed = 0
  for (const layer of layers.sort((a, b) => a.usedAt - b.usedAt)) {
    if (total <= bytes) break
    if (await isHeld(root, layer.name)) continue
    await removeLayer(root, layer.name)
    total -= layer.size
    removed += 1
  }
  return removed
}

/** Out of sight in one step: a half-deleted layer must never be taken for a whole one. */
async function removeLayer(root: string, name: string): Promise<void> {
  const doomed = join(root, `${name}.${ownerName()}.partial.${randomUUID()}`)
  await rename(join(root, name), doomed).catch(unlessGone)
  await rm(join(root, `${name}.bytes`), { force: true })
  await rm(doomed, { recursive: true, force: true })
}

/** Deletes these unpacked layers; gives how many have to stay, since a process holds them. */
export async function forgetLayers(root: string, layers: readonly string[]): Promise<number> {
  let held = 0
  for (const name of layers.map((layer) => layer.replace('sha256:', ''))) {
    if (await isHeld(root, name)) held += 1
    else if (existsSync(join(root, name))) await removeLayer(root, name)
  }
  return held
}

/** Another, in this process or not, was quicker to remove it. */
function unlessGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}

/** What killed processes were unpacking or deleting. */
async function removePartials(root: string, entries: readonly string[]): Promise<void> {
  for (const entry of entries) {
    const owner = /^[0-9a-f]{64}\.(?<owner>[^.]+)\.partial(?:\..*)?$/.exec(entry)?.groups?.owner
    if (owner !== undefined && ownerIsDead(owner, new Date()))
      await rm(join(root, entry), { recursive: true, force: true })
  }
}

async function measure(root: string, name: string): Promise<{ name: string; size: number; usedAt: number }> {
  const usedAt = await stat(join(root, `${name}.held`)).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
  return { name, size: await sizeOf(root, name), usedAt }
}

/** What a layer takes on disk, in bytes: measured once, since a layer never changes, and noted beside it. */
async function sizeOf(root: string, name: string): Promise<number> {
  const note = join(root, `${name}.bytes`)
  const noted = Number(await readFile(note, 'utf8').catch(() => ''))
  if (noted > 0) return noted
  const measured = await execa('du', ['--summarize', '--block-size=1', join(root, name)], { reject: false })
  // Another has removed it.
  if (!existsSync(join(root, name))) return 0
  if (measured.failed) throw new Fault('layer', `the layer ${name} could not be measured: ${measured.stderr}`)
  const size = Number.parseInt(measured.stdout, 10)
  const fresh = join(root, `${name}.${ownerName()}.partial.${randomUUID()}`)
  await writeFile(fresh, String(size))
  await rename(fresh, note)
  return size
}

async function isHeld(root: string, name: string): Promise<boolean> {
  const marks = await readdir(join(root, `${name}.held`)).catch(() => [])
  return marks.some((owner) => !ownerIsDead(owner, new Date()))
}
