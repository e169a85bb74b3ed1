import { lstat, readlink } from 'node:fs/promises'
import path from 'node:path'
import type { Bind, RootLink } from './bubblewrap-arguments.ts'
import { isCode } from './processes.ts'

export interface System {
  readonly links: readonly RootLink[]
  readonly binds: readonly Bind[]
}

/** /usr, and what stands beside it at the root: links into it, or folders of their own on systems with a split /usr. */
export async function systemBinds(root: string): Promise<System> {
  const links: RootLink[] = []
  const binds: Bind[] = [{ source: path.join(root, 'usr'), target: '/usr', writable: false }]
  for (const name of ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']) {
    const source = path.join(root, name)
    const kind = await kindOf(source)
    if (kind === 'link') links.push({ name, to: await readlink(source) })
    if (kind === 'folder') binds.push({ source, target: `/${name}`, writable: false })
  }
  return { links, binds }
}

async function kindOf(source: string): Promise<'link' | 'folder' | 'missing'> {
  try {
    return (await lstat(source)).isSymbolicLink() ? 'link' : 'folder'
  } catch (error) {
    if (isCode(error, 'ENOENT')) return 'missing'
    throw error
  }
}
