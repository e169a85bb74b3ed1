import { z } from 'zod'
import type { KeptDocument } from '../kept-upstream.ts'
import { parseJson } from '../stored-files.ts'

/** One file of a project's page in an index (PEP 503, 691, 700). */
export interface IndexFile {
  readonly filename: string
  /** Absolute. */
  readonly url: string
  /** Algorithm → hexadecimal digest. */
  readonly hashes: Readonly<Record<string, string>>
  readonly requiresPython: string | null
  readonly yanked: string | boolean
  /** The metadata of a wheel lies beside it (PEP 658, PEP 714): true, or its digests. */
  readonly metadata: boolean | Readonly<Record<string, string>>
  readonly size: number | null
  /** Milliseconds; null: the index does not say. */
  readonly uploadedAt: number | null
}

const digests = z.record(z.string(), z.string())
const fileSchema = z.object({
  filename: z.string(),
  url: z.string(),
  hashes: digests.default({}),
  'requires-python': z.string().nullish(),
  yanked: z.union([z.boolean(), z.string()]).nullish(),
  'core-metadata': z.union([z.boolean(), digests]).nullish(),
  'dist-info-metadata': z.union([z.boolean(), digests]).nullish(),
  size: z.number().nullish(),
  'upload-time': z.string().nullish(),
})
const pageSchema = z.object({ files: z.array(z.unknown()) })

/** What is asked of an index: the JSON that tells upload times, else the older HTML. */
export const indexAccept =
  'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1'

/** The files of an index's page, in its order. What can't be read as a file is left out. `address`: where the page came from. */
export function readPage({ body, type }: Pick<KeptDocument, 'body' | 'type'>, address: string): readonly IndexFile[] {
  const text = body.toString('utf8')
  const page = (type ?? '').includes('json') ? pageSchema.safeParse(parseJson(text)) : null
  if (page?.success !== true) return filesOfHtml(text, address)
  return page.data.files.flatMap((each) => {
    const parsed = fileSchema.safeParse(each)
    return parsed.success ? (fromJson(parsed.data, address) ?? []) : []
  })
}

function fromJson(file: z.infer<typeof fileSchema>, address: string): IndexFile | null {
  if (!URL.canParse(file.url, address)) return null
  const uploaded = Date.parse(file['upload-time'] ?? '')
  return {
    filename: file.filename,
    url: withoutFragment(new URL(file.url, address)),
    hashes: file.hashes,
    requiresPython: file['requires-python'] ?? null,
    yanked: file.yanked ?? false,
    metadata: file['core-metadata'] ?? file['dist-info-metadata'] ?? false,
    size: file.size ?? null,
    uploadedAt: Number.isNaN(uploaded) ? null : uploaded,
  }
}

const anchor = /<a\s(?<attributes>(?:[^>"']|"[^"]*"|'[^']*')*)>(?<text>[^<]*)<\/a/gi

function filesOfHtml(text: string, address: string): readonly IndexFile[] {
  return [...text.matchAll(anchor)].flatMap(({ groups }) => {
    const attributes = attributesOf(groups?.attributes ?? '')
    const href = attributes.get('href')
    if (href === undefined || !URL.canParse(href, address)) return []
    const url = new URL(href, address)
    const hash = /^#(?<name>sha\d+|md5)=(?<digest>[0-9a-f]+)$/i.exec(url.hash)?.groups
    const metadata = attributes.get('data-core-metadata') ?? attributes.get('data-dist-info-metadata')
    return {
      filename: decodeURIComponent(url.pathname.slice(url.pathname.lastIndexOf('/') + 1)),
      url: withoutFragment(url),
      hashes: hash?.name === undefined || hash.digest === undefined ? {} : { [hash.name.toLowerCase()]: hash.digest },
      requiresPython: attributes.get('data-requires-python') ?? null,
      yanked: attributes.get('data-yanked') ?? attributes.has('data-yanked'),
      metadata: metadataOf(metadata),
      size: null,
      uploadedAt: null,
    }
  })
}

function metadataOf(value: string | undefined): IndexFile['metadata'] {
  if (value === undefined) return false
  const [name = '', digest] = value.split('=')
  return digest === undefined ? true : { [name]: digest }
}

function attributesOf(text: string): Map<string, string> {
  const found = [...text.matchAll(/(?<name>[\w-]+)\s*(?:=\s*(?:"(?<double>[^"]*)"|'(?<single>[^']*)'))?/g)]
  return new Map(
    found.map(({ groups }) => [(groups?.name ?? '').toLowerCase(), unescaped(groups?.double ?? groups?.single ?? '')]),
  )
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'", '#x27': "'" }

function unescaped(text: string): string {
  return text.replaceAll(/&(?<name>lt|gt|amp|quot|#39|#x27);/g, (whole, name: string) => entities[name] ?? whole)
}

function withoutFragment(url: URL): string {
  const plain = new URL(url)
  plain.hash = ''
  return plain.href
}
