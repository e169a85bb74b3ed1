import { randomUUID } from 'node:crypto'
import { mkdir, opendir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { BlobAside, Digest, ListedBlob } from './types.ts'

/** Nobody decides on a blob for so long: what is older was set aside by a process that was killed. */
const LEFT_MS = 600_000

const pathOf = (root: string, hex: string) => join(root, 'sha256', hex.slice(0, 2), hex.slice(2))
const asideIn = (root: string) => join(root, 'aside')

/** Renames the one at `path` into `<root>/aside`, under a name of its own: two may be at it, one after the other. */
export async function setAside(root: string, path: string, digest: Digest): Promise<BlobAside | null> {
  const hex = digest.replace('sha256:', '')
  const aside = join(asideIn(root), `${hex}.${randomUUID()}`)
  await mkdir(asideIn(root), { recursive: true, mode: 0o700 })
  try {
    await rename(path, aside)
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
  const { size, mtime } = await stat(aside)
  return {
    digest,
    bytes: size,
    putAt: mtime,
    remove: () => rm(aside, { force: true }),
    putBack: () => putBack(root, aside, hex),
  }
}

/** The same bytes may be there again: then this takes their place. */
async function putBack(root: string, aside: string, hex: string): Promise<void> {
  await mkdir(join(root, 'sha256', hex.slice(0, 2)), { recursive: true, mode: 0o700 })
  await rename(aside, pathOf(root, hex)).catch((error: unknown) => {
    // Taken for a killed process's, and put back already.
    if (!isMissing(error)) throw error
  })
}

/** Puts back what killed processes had set aside. */
async function restoreLeft(root: string): Promise<void> {
  for (const name of await readdir(asideIn(root)).catch(emptyIfMissing)) {
    const path = join(asideIn(root), name)
    // A rename changes `ctime`, and leaves `mtime` as it was.
    const found = await stat(path).catch(() => null)
    if (found !== null && Date.now() - found.ctimeMs > LEFT_MS) await putBack(root, path, name.slice(0, 64))
  }
}

export async function* listBlobs(root: string): AsyncGenerator<ListedBlob> {
  await restoreLeft(root)
  for (const start of await readdir(join(root, 'sha256')).catch(emptyIfMissing)) {
    for await (const entry of await opendir(join(root, 'sha256', start))) {
      const found = await stat(join(root, 'sha256', start, entry.name)).catch(() => null)
      if (found === null) continue
      yield { digest: `sha256:${start}${entry.name}`, bytes: found.size, putAt: found.mtime }
    }
  }
}

function emptyIfMissing(error: unknown): string[] {
  if (isMissing(error)) return []
  throw error
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
