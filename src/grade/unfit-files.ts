import { type Mirror, sizesIn } from '../git/index.ts'
import type { Change } from '../model/index.ts'

/** What file systems take: 255 bytes a name, and 4096 a path, less where the tree is laid out. */
const LONGEST_NAME = 255
const LONGEST_PATH = 3000
/** What a patch may bring: a patch of 8 MiB unpacks to a thousand times that. */
const MOST_BYTES = 512 * 2 ** 20

/**
 * Why the files that a patch brings can't be laid out; null: they can. A machine that fails at them is not at fault, and a reward
 * that a patch can have masked is none.
 */
export async function unfitFiles(
  mirror: Mirror,
  { patch, tree, changes }: { patch: Buffer; tree: string; changes: readonly Change[] },
  mostBytes = MOST_BYTES,
): Promise<string | null> {
  const brought = changes.filter(({ newBlob }) => newBlob !== null).map(({ path }) => path)
  const long = brought.filter(isTooLong)
  if (long.length > 0) return `names are too long: ${long.slice(0, 3).join(', ').slice(0, 1000)}`
  // Text unpacks to what it is.
  if (!['GIT binary patch', 'copy to '].some((sign) => patch.includes(sign))) return null
  const sizes = await sizesIn(mirror, tree)
  const bytes = brought.reduce((sum, path) => sum + (sizes.get(path) ?? 0), 0)
  return bytes > mostBytes ? `its files have ${bytes} bytes: more than ${mostBytes}` : null
}

function isTooLong(path: string): boolean {
  return (
    Buffer.byteLength(path) > LONGEST_PATH || path.split('/').some((name) => Buffer.byteLength(name) > LONGEST_NAME)
  )
}
