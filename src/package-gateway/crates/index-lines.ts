import { z } from 'zod'
import { parseJson } from '../stored-files.ts'

/** One version in a crate's page of the index: cargo's own format, a JSON object a line. */
const lineSchema = z.looseObject({
  vers: z.string(),
  cksum: z.string().regex(/^[0-9a-f]{64}$/),
  yanked: z.boolean().nullish(),
  pubtime: z.string().nullish(),
})

interface IndexLine {
  readonly text: string
  readonly version: string
  readonly checksum: string
  /** Milliseconds; null: the index does not say. */
  readonly published: number | null
}

/** The versions of a page, in its own order, which is that of publication. Lines that are none are left out. */
export function readIndex(page: Buffer): readonly IndexLine[] {
  return page
    .toString('utf8')
    .split('\n')
    .flatMap((text) => {
      const parsed = lineSchema.safeParse(parseJson(text))
      if (!parsed.success) return []
      const time = Date.parse(parsed.data.pubtime ?? '')
      const { vers: version, cksum: checksum } = parsed.data
      return [{ text, version, checksum, published: Number.isNaN(time) ? null : time }]
    })
}

interface IndexView {
  readonly body: Buffer
  /** The age of some version could not be told from the date. */
  readonly unsure: boolean
}

/**
 * A page as it was on a day. A version without a time of its own lies between its neighbours: the last dated one before it was out when it was
 * published, the first dated one behind it was not. What neither bound settles stays, and makes the view unsure. A crate is never empty: its oldest
 * version stands in.
 */
export function viewAsOf(lines: readonly IndexLine[], asOf: Date | null): IndexView {
  if (asOf === null) return { body: pageOf(lines), unsure: false }
  const day = asOf.getTime()
  let unsure = false
  const seen = lines.filter((line, at) => {
    const { notBefore, notAfter } = boundsOf(lines, line, at)
    if (notBefore > day) return false
    if (notAfter > day) unsure = true
    return true
  })
  const [oldest] = lines
  if (seen.length > 0 || oldest === undefined) return { body: pageOf(seen), unsure }
  return { body: pageOf([oldest]), unsure: true }
}

function boundsOf(lines: readonly IndexLine[], line: IndexLine, at: number): { notBefore: number; notAfter: number } {
  if (line.published !== null) return { notBefore: line.published, notAfter: line.published }
  const before = lines.slice(0, at).findLast(({ published }) => published !== null)?.published
  const behind = lines.slice(at + 1).find(({ published }) => published !== null)?.published
  return { notBefore: before ?? Number.NEGATIVE_INFINITY, notAfter: behind ?? Number.POSITIVE_INFINITY }
}

function pageOf(lines: readonly IndexLine[]): Buffer {
  return Buffer.from(lines.map(({ text }) => `${text}\n`).join(''))
}
