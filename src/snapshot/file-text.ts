import { isUtf8 } from 'node:buffer'
import { type Mirror, readBlob } from '../git/index.ts'

const REGULAR = /^100(?:644|755)$/

/** The text of a regular file's blob; null for links, submodules, and bytes that are no UTF-8, which an edit would spoil. */
export async function textOf(mirror: Mirror, mode: string, blob: string | null): Promise<string | null> {
  if (blob === null || !REGULAR.test(mode)) return null
  const content = await readBlob(mirror, blob)
  return isUtf8(content) && !content.includes(0) ? content.toString('utf8') : null
}
