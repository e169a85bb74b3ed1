import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Blobs, Digest } from '../blobs/types.ts'
import type { Sandbox } from '../sandboxes/types.ts'
import { unpackLayer } from './layer-archive.ts'

/**
 * Unpacked layers: a cache on disk, least recently used first out. What a layer is stays in the blobs; this folder can be
 * deleted at any time that no run uses it.
 */
export interface LayerStore {
  /** Host folder with the layer's content of /testbed, unpacked and adopted by the sandbox; held until `release`. */
  hold(layer: string, blob: Digest): Promise<{ readonly folder: string; release(): void }>
  /** Deletes the least recently used layers that nobody holds until the folder takes at most `bytes`. */
  shrink(bytes: number, sizes: ReadonlyMap<string, number>): Promise<number>
}

export function makeLayerStore(options: { readonly folder: string; readonly blobs: Blobs; readonly sandbox: Sandbox }): LayerStore {
  const held = new Map<string, number>()
  const unpacking = new Map<string, Promise<void>>()

  const unpackOnce = async (folder: string, blob: Digest) => {
    if (await exists(folder)) return
    const fresh = `${folder}.${process.pid}`
    await rm(fresh, { recursive: true, force: true })
    await unpackLayer(await options.blobs.stream(blob), fresh)
    await options.sandbox.adopt(fresh)
    // Another process may have been quicker: its folder is the same layer.
    await rename(fresh, folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error
      await rm(fresh, { recursive: true, force: true })
    })
  }

  return {
    async hold(layer, blob) {
      const name = layer.replace('sha256:', '')
      const folder = join(options.folder, name)
      held.set(name, (held.get(name) ?? 0) + 1)
      await mkdir(options.folder, { recursive: true })
      const pending = unpacking.get(name) ?? unpackOnce(folder, blob).finally(() => unpacking.delete(name))
      unpacking.set(name, pending)
      await pending
      const now = new Date()
      await utimes(folder, now, now)
      return { folder, release: () => held.set(name, (held.get(name) ?? 1) - 1) }
    },

    async shrink(bytes, sizes) {
      const names = await readdir(options.folder).catch(() => [])
      const layers = await Promise.all(names.map(async (name) => ({
        name, used: (await stat(join(options.folder, name))).mtimeMs, size: sizes.get(`sha256:${name}`) ?? 0,
      })))
      let total = layers.reduce((sum, layer) => sum + layer.size, 0)
      let removed = 0
      for (const layer of layers.sort((a, b) => a.used - b.used)) {
        if (total <= bytes) break
        if ((held.get(layer.name) ?? 0) > 0) continue
        await rm(join(options.folder, layer.name), { recursive: true, force: true })
        total -= layer.size
        removed += 1
      }
      return removed
    },
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(() => true, () => false)
}
