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
  readonly isYanked: boolean
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
      const { vers: version, cksum: checksum, yanked } = parsed.data
      return [{ text, version, checksum, isYanked: yanked === true, published: Number.isNaN(time) ? null : time }]
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
 * version stands in. When a version was yanked no index says: where all of a line that were out are yanked by now, the newest of them is taken for
 * good, as a lockfile of that day had it. So it is without a day: what asks for that line could not be built at all.
 */
export function viewAsOf(lines: readonly IndexLine[], asOf: Date | null): IndexView {
  if (asOf === null) {
    const restored = withoutLaterYanks(lines)
    return { body: pageOf(restored), unsure: restored !== lines }
  }
  const day = asOf.getTime()
  let unsure = false
  const seen = lines.filter((line, at) => {
    const { notBefore, notAfter } = boundsOf(lines, line, at)
    if (notBefore > day) return false
    if (notAfter > day) unsure = true
    return true
  })
  const [oldest] = lines
  const restored = withoutLaterYanks(seen)
  if (seen.length > 0 || oldest === undefined) return { body: pageOf(restored), unsure: unsure || restored !== seen }
  return { body: pageOf([oldest]), unsure: true }
}

/** `seen` itself where there is nothing to be changed. */
function withoutLaterYanks(seen: readonly IndexLine[]): readonly IndexLine[] {
  const changed = new Map<IndexLine, IndexLine>()
  for (const line of new Set(seen.map(({ version }) => compatibleLine(version)))) {
    const isOf = ({ version }: IndexLine) => line !== null && compatibleLine(version) === line
    const there = seen.filter(isOf)
    const newest = there.at(-1)
    if (newest === undefined || there.some(({ isYanked }) => !isYanked)) continue
    changed.set(newest, { ...newest, text: newest.text.replace(/"yanked":\s*true/, '"yanked":false'), isYanked: false })
  }
  return changed.size === 0 ? seen : seen.map((line) => changed.get(line) ?? line)
}

/** What a requirement on a version also takes: `1`, `0.10`, `0.0.3`; null for a prerelease, which is asked for by name alone. */
function compatibleLine(version: string): string | null {
  const {
    major = '',
    minor = '',
    patch = '',
    rest = '',
  } = /^(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)(?<rest>-)?/.exec(version)?.groups ?? {}
  if (major === '' || rest !== '') return null
  if (major !== '0') return major
  return minor === '0' ? `0.0.${patch}` : `0.${minor}`
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
