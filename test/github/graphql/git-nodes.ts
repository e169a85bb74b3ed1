import { isUtf8 } from 'node:buffer'
import { nodeId } from '../ids.ts'
import type { Repository } from '../types.ts'
import { commitNode } from './commit-node.ts'
import type { Node } from './connections.ts'
import type { View } from './view.ts'

/** A branch (`main`, `refs/heads/main`) or any other ref by its full name. */
export async function refNode(view: View, repository: Repository, name: string): Promise<Node | null> {
  const full = name.startsWith('refs/') ? name : `refs/heads/${name}`
  const target = await commitNode(view, repository, full)
  if (target === null) return null
  const prefix = full.startsWith('refs/heads/') ? 'refs/heads/' : `${full.split('/', 2).join('/')}/`
  return { __typename: 'Ref', id: nodeId('REF', repository.id, full), name: full.slice(prefix.length), prefix, target }
}

/** What an expression (`HEAD:README.md`, `main`, an id) means to git. */
export async function gitObjectNode(view: View, repository: Repository, expression: string): Promise<Node | null> {
  const objects = view.scene.objects(repository)
  const found = await objects.read(expression)
  if (found === null) return null
  const { oid, type, content } = found
  const shared = { oid, abbreviatedOid: oid.slice(0, 7) }
  if (type === 'tree')
    return { __typename: 'Tree', id: nodeId('T', repository.id, oid), ...shared, entries: () => treeEntries(content) }
  if (type !== 'blob') return await commitNode(view, repository, oid)
  const isBinary = content.includes(0)
  return {
    __typename: 'Blob',
    id: nodeId('B', repository.id, oid),
    ...shared,
    byteSize: content.length,
    isBinary,
    isTruncated: false,
    text: isBinary || !isUtf8(content) ? null : content.toString(),
  }
}

/** git's own form of a tree: mode, blank, name, a zero, and the id's twenty bytes. */
function treeEntries(content: Buffer): Node[] {
  const entries: Node[] = []
  for (let at = 0; at < content.length; ) {
    const zero = content.indexOf(0, at)
    const [mode = '', ...name] = content.subarray(at, zero).toString().split(' ')
    const oid = content.subarray(zero + 1, zero + 21).toString('hex')
    const type = mode === '40000' ? 'tree' : mode === '160000' ? 'commit' : 'blob'
    entries.push({ __typename: 'TreeEntry', name: name.join(' '), oid, type, mode: Number.parseInt(mode, 8) })
    at = zero + 21
  }
  return entries
}
