import type { ByteRange } from '../../blobs/types.ts'

/** What a client knows already, and what it asks for. */
export interface Conditions {
  readonly ifMatch?: string | undefined
  readonly ifNoneMatch?: string | undefined
  readonly ifRange?: string | undefined
  readonly range?: string | undefined
}

/** How a file with a strong entity tag is answered (RFC 9110, 13.2.2). */
export type Answered =
  | { readonly status: 200 }
  | { readonly status: 206; readonly part: ByteRange }
  | { readonly status: 304 | 412 | 416 }

/** `etag` with its quotes; `bytes`: of the whole. */
export function answerTo({ ifMatch, ifNoneMatch, ifRange, range }: Conditions, etag: string, bytes: number): Answered {
  if (ifMatch !== undefined && !names(ifMatch, etag, false)) return { status: 412 }
  if (ifNoneMatch !== undefined && names(ifNoneMatch, etag, true)) return { status: 304 }
  // A weak tag, or a date, does not tell that the bytes are the same.
  if (range === undefined || (ifRange !== undefined && ifRange.trim() !== etag)) return { status: 200 }
  const part = partOf(range, bytes)
  if (part === 'not-one') return { status: 200 }
  return part === 'outside' ? { status: 416 } : { status: 206, part }
}

/** Whether a list of tags, or `*`, names one; `weak`: `W/"…"` counts as `"…"`. */
function names(list: string, etag: string, weak: boolean): boolean {
  if (list.trim() === '*') return true
  const tags = list.match(/(?:W\/)?"[^"]*"/g) ?? []
  return tags.some((tag) => (weak ? tag.replace(/^W\//, '') : tag) === etag)
}

/** One range of bytes. Anything else, several of them too, may be answered with the whole. */
function partOf(range: string, bytes: number): ByteRange | 'outside' | 'not-one' {
  const [, from = '', to = ''] = /^bytes= *(\d*) *- *(\d*) *$/i.exec(range) ?? []
  if (from === '' && to === '') return 'not-one'
  if (from === '') {
    const first = Math.max(0, bytes - Number(to))
    return Number(to) === 0 || bytes === 0 ? 'outside' : { start: first, end: bytes - 1 }
  }
  const [first, last] = [Number(from), to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1)]
  if (to !== '' && Number(to) < first) return 'not-one'
  return first >= bytes ? 'outside' : { start: first, end: last }
}
