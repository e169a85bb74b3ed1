import { z } from 'zod'
import { type Member, members, parseMember } from './json-members.ts'
import { type AgeEvidence, dating, publishTimes } from './publish-times.ts'
import type { KeptVersion, Packument } from './types.ts'

const names = z.record(z.string(), z.string()).optional().catch(undefined)
const anything = z.unknown().optional()

/** What npm calls the abbreviated manifest (npm/registry docs, package-metadata.md), each field as the registry has it. */
const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  deprecated: anything,
  dependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
  peerDependenciesMeta: anything,
  bundleDependencies: anything,
  bundledDependencies: anything,
  acceptDependencies: anything,
  bin: anything,
  directories: anything,
  engines: anything,
  os: anything,
  cpu: anything,
  libc: anything,
  _hasShrinkwrap: anything,
  hasInstallScript: anything,
  dist: z.looseObject({ tarball: z.string(), shasum: z.string().optional(), integrity: z.string().optional() }),
})

/** What else of a full manifest is read, and then dropped. */
const evidenceSchema = z.object({
  devDependencies: names,
  scripts: names,
  engines: z.record(z.string(), z.unknown()).optional().catch(undefined),
  gypfile: anything,
  typeScriptVersion: z.string().optional().catch(undefined),
  _npmOperationalInternal: z.object({ tmp: z.string() }).optional().catch(undefined),
})

const headSchema = z.object({ name: z.string(), 'dist-tags': names, time: names })

interface ReadVersion {
  readonly kept: Omit<KeptVersion, 'notBefore' | 'notAfter'>
  readonly age: AgeEvidence
}

/**
 * A registry's full packument (JSON text) → what is kept of it. Versions whose manifest does not hold what an install needs are
 * left out (very old ones have none). Throws SyntaxError or ZodError where the whole is not a packument.
 */
export function condensePackument(text: Buffer, fetchedAt: number): Packument {
  const head: Record<string, unknown> = {}
  const read = new Map<string, ReadVersion>()
  for (const member of members(text)) {
    if (member.key === 'versions') readVersions(text, member, read)
    else if (member.key in headSchema.shape) head[member.key] = parseMember(text, member)
  }
  const parsed = headSchema.parse(head)
  const times = publishTimes(
    [...read.values()].map((one) => one.age),
    parsed.time ?? {},
  )
  const versions: Record<string, KeptVersion> = {}
  for (const [version, { kept }] of read) {
    versions[version] = { ...kept, ...(times.get(version) ?? { notBefore: null, notAfter: null }) }
  }
  return { name: parsed.name, fetchedAt, dating, tags: parsed['dist-tags'] ?? {}, versions }
}

/** What a tarball is fetched and checked by. */
export type FoundVersion = Pick<KeptVersion, 'manifest' | 'tarball'>

/** One version's own document (JSON text); null where it is none. */
export function condenseVersion(text: Buffer): FoundVersion | null {
  try {
    return readVersion('', JSON.parse(text.toString()))?.kept ?? null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function readVersions(text: Buffer, versions: Member, into: Map<string, ReadVersion>): void {
  for (const member of members(text, versions.from)) {
    const one = readVersion(member.key, parseMember(text, member))
    if (one !== null) into.set(member.key, one)
  }
}

function readVersion(version: string, document: unknown): ReadVersion | null {
  const manifest = manifestSchema.safeParse(document)
  const evidence = evidenceSchema.safeParse(document)
  if (!manifest.success || !evidence.success) return null
  const { dist, ...fields } = manifest.data
  const script = evidence.data.scripts ?? {}
  const installs =
    ['preinstall', 'install', 'postinstall'].some((name) => name in script) || evidence.data.gypfile === true
  const known = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  return {
    // In the order in which it is read back, so that the first answer has the same bytes as all later ones.
    kept: { manifest: { dist, ...known, ...(installs ? { hasInstallScript: true } : {}) }, tarball: dist.tarball },
    age: ageEvidence(version, manifest.data, evidence.data),
  }
}

function ageEvidence(
  version: string,
  manifest: z.infer<typeof manifestSchema>,
  evidence: z.infer<typeof evidenceSchema>,
): AgeEvidence {
  const engine = evidence.engines?.node
  return {
    name: manifest.name,
    version,
    dependencies: [manifest.dependencies, manifest.peerDependencies, evidence.devDependencies].flatMap((each) =>
      Object.entries(each ?? {}),
    ),
    engine: typeof engine === 'string' ? engine : null,
    typeScriptVersion: evidence.typeScriptVersion ?? null,
    uploadNote: evidence._npmOperationalInternal?.tmp ?? null,
  }
}

/** What is kept, as it lies in the store (see `condensePackument`). */
export const keptPackumentSchema = z.object({
  name: z.string(),
  fetchedAt: z.number(),
  dating: z.number().default(1),
  tags: z.record(z.string(), z.string()),
  versions: z.record(
    z.string(),
    z.object({
      manifest: z.looseObject({ dist: z.record(z.string(), z.unknown()) }),
      tarball: z.string(),
      notBefore: z.number().nullable(),
      notAfter: z.number().nullable(),
    }),
  ),
})
