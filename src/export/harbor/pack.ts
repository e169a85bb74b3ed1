import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Mirror } from '../../git/index.ts'

/** A pack in a file of the machine's temporary folder. */
interface PackFile {
  readonly file: string
  remove(): Promise<void>
}

/**
 * Packs all that trees hold, and nothing else. What the mirror has packed in whichever way before is packed anew, by one thread: the
 * same trees give the same bytes.
 */
export async function packTrees(mirror: Mirror, trees: readonly string[]): Promise<PackFile> {
  const folder = await mkdtemp(join(tmpdir(), 'quarry-pack-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  const file = join(folder, 'trees.pack')
  const fixed = ['--no-reuse-delta', '--no-reuse-object', '--threads=1', '--window=10', '--depth=50', '--compression=6']
  const packed = mirror.stream(['pack-objects', '--quiet', '--revs', '--stdout', '--delta-base-offset', ...fixed], {
    input: trees.map((tree) => `${tree}\n`).join(''),
  })
  try {
    await pipeline(Readable.from(packed), createWriteStream(file))
    return { file, remove }
  } catch (error) {
    await remove()
    throw error
  }
}
