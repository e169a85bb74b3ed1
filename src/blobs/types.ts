import type { Readable } from 'node:stream'

/** `sha256:` and 64 hex digits of the content. */
export type Digest = `sha256:${string}`

export interface Stored {
  readonly digest: Digest
  readonly bytes: number
}

/** Bytes from `start` to `end`, both included, counted from 0. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

export interface ListedBlob extends Stored {
  /** When its content was last put, again or for the first time. */
  readonly putAt: Date
}

/** A blob that is out of sight, so that it can be decided on: what is put meanwhile takes its place, and is not touched. */
export interface BlobAside extends ListedBlob {
  remove(): Promise<void>
  putBack(): Promise<void>
}

/**
 * Content-addressed storage. What is there is whole: a blob appears in one step, whatever happens to the writer. Putting the same
 * content again changes nothing. Private content goes into a store of its owner's, since who knows a digest can read.
 */
export interface Blobs {
  /** Throws the `Fault` `disk-full` where there is no room; nothing is left then. */
  put(content: Buffer | Readable): Promise<Stored>
  /** Throws the `Fault` `blob-missing` where it is not there. */
  get(digest: Digest): Promise<Buffer>
  /** As `get`, for large ones, or for a range of one. */
  stream(digest: Digest, range?: ByteRange): Promise<Readable>
  /** Bytes of it, or null where it is not there. */
  size(digest: Digest): Promise<number | null>
  has(digest: Digest): Promise<boolean>
  /** All of them, in no order. What a killed process had set aside is back in its place first. */
  list(): AsyncIterable<ListedBlob>
  /** Takes one out of sight, to be removed or put back at once; null where it is not there. */
  setAside(digest: Digest): Promise<BlobAside | null>
  /** A file that holds it, for tools that want one; not to be changed. Throws as `get`. */
  file(digest: Digest): Promise<string>
}
