import type { PackageProtocol } from '../protocol.ts'
import { answersOf } from './answers.ts'
import { readGoUpstream } from './upstream.ts'

/** Go's module proxy: `/<module>/@v/list`, `<version>.info`, `.mod`, `.zip`, and `/<module>/@latest`. */
export const goProxy: PackageProtocol = {
  name: 'go',
  readUpstream: readGoUpstream,
  open: (kept) => ({ answer: answersOf(kept) }),
}
