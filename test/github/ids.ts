import { createHash } from 'node:crypto'

/** GitHub's prefixes: repository, pull request, issue, commit, account, label, comment, edit, event, ref. */
type Kind = 'R' | 'PR' | 'I' | 'C' | 'U' | 'LA' | 'IC' | 'UCE' | 'RTE' | 'REF' | 'PRC' | 'T' | 'B'

/** A node id that carries what it names, so that `node(id)` needs no table of all that was ever handed out. */
export function nodeId(kind: Kind, ...parts: readonly (string | number)[]): string {
  return `${kind}_${Buffer.from(parts.join(':')).toString('base64url')}`
}

export function partsOfNodeId(id: string): { kind: string; parts: string[] } {
  const [kind = '', encoded = ''] = id.split('_', 2)
  const rest = id.slice(kind.length + 1) || encoded
  return { kind, parts: Buffer.from(rest, 'base64url').toString().split(':') }
}

/** The same login has the same id in every server. Fits GraphQL's `Int`. */
export function accountId(login: string): number {
  return createHash('sha256').update(login.toLowerCase()).digest().readUInt32BE(0) >>> 1
}

/** Pull requests and issues of a repository, whose numbers stay below 100,000. */
export function threadId(repository: number, number: number): number {
  return repository * 100_000 + number
}
