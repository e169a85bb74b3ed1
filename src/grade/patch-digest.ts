import { createHash } from 'node:crypto'

/** What a patch is known by: sha256 of its bytes, in hex. */
export function patchDigest(patch: Buffer | string): string {
  return createHash('sha256').update(patch).digest('hex')
}
