import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Statement, TestId } from '../model/index.ts'

/** What makes a task the task it is. */
export interface TaskContent {
  readonly statement: Statement
  readonly baseTree: string
  readonly beforeTree: string
  readonly afterTree: string
  readonly fixPatch: Buffer
  readonly testPatch: Buffer
  readonly failToPass: readonly TestId[]
  readonly passToPass: readonly TestId[]
  /** Digest of the layer, the toolchain and the commands. */
  readonly environment: string
}

/** What a task's identity is the hash of, as it is hashed: lists sorted, of patches their sha256. */
export function hashedContent(content: TaskContent) {
  // By name: a row that holds the content has an id and times besides, which are another's in another database.
  const { statement, baseTree, beforeTree, afterTree, fixPatch, testPatch, failToPass, passToPass, environment } =
    content
  return {
    statement,
    baseTree,
    beforeTree,
    afterTree,
    fixPatch: sha256(fixPatch),
    testPatch: sha256(testPatch),
    failToPass: [...failToPass].sort(),
    passToPass: [...passToPass].sort(),
    environment,
  }
}

/** `sha256:` over the canonical JSON (RFC 8785) of a task's content: its identity. */
export function contentHash(content: TaskContent): string {
  return canonicalDigest(hashedContent(content))
}

/** `sha256:` over what a task's environment consists of; the same for tasks that share it. */
export function environmentDigest(parts: {
  readonly layer: string | null
  readonly root: string
  readonly strategy: object
}): string {
  return canonicalDigest({ ...parts })
}

/** `sha256:` over the canonical JSON (RFC 8785) of a value. */
export function canonicalDigest(value: object): string {
  return `sha256:${sha256(canonicalize(value) ?? '')}`
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')
