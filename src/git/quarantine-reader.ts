import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inflate } from 'node:zlib'
import { Fault } from '../errors.ts'
import type { GitObject, ObjectReader } from './object-reader.ts'

const ID = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/

/**
 * Reads what a quarantine holds from its files, and what the mirror has through the reader that runs there already: one of the quarantine's own
 * (`both`) takes longer to start than most grades have to read. It is asked where neither knows.
 */
export function openQuarantineReader(quarantine: string, mirror: ObjectReader, both: ObjectReader): ObjectReader {
  return {
    async read(name) {
      const [tree = ''] = name.split(':')
      if (!ID.test(tree)) return both.read(name)
      const own = await readLoose(quarantine, tree)
      if (own !== null) return name === tree ? own : both.read(name)
      const found = await mirror.read(name)
      if (found !== null) return found
      // A tree that the mirror has, it has with all that is in it.
      return name !== tree && (await mirror.read(tree)) !== null ? null : both.read(name)
    },
    close: () => both.close(),
  }
}

/** An object in a file of its own, as git writes them: `<type> <size>`, a NUL, and the content, compressed. Null where there is none. */
async function readLoose(objects: string, id: string): Promise<GitObject | null> {
  const file = await readFile(join(objects, id.slice(0, 2), id.slice(2))).catch(unlessMissing)
  if (file === null) return null
  const bytes = await promisify(inflate)(file).catch((cause: unknown) => {
    throw new Fault('git', `the object ${id} can't be read`, { cause })
  })
  const end = bytes.indexOf(0)
  const [type, size] = bytes.toString('latin1', 0, end).split(' ')
  const content = bytes.subarray(end + 1)
  if (type === undefined || Number(size) !== content.length) throw new Fault('git', `the object ${id} is torn`)
  return { id, type, content }
}

function unlessMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
  throw new Fault('git', 'an object of a quarantine can not be read', { cause: error })
}
