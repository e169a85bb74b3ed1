import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import pLimit from 'p-limit'
import { z } from 'zod'
import { Fault } from '../../errors.ts'
import { readBody } from '../read-body.ts'
import { sharing } from '../sharing.ts'
import { type ExpectedDigest, ownersFolder } from '../stored-files.ts'
import { baseName } from './package-name.ts'
import { condensePackument, condenseVersion, type FoundVersion } from './packument.ts'
import { dating } from './publish-times.ts'
import { openStore, type PackageStore } from './store.ts'
import type { KeptTarball, Need, Packument, Registry } from './types.ts'
import { openUpstream, type UpstreamClient, type UpstreamOptions } from './upstream.ts'

export interface RegistryOptions extends UpstreamOptions {
  /** Folder that holds what was served, under Quarry's home. */
  readonly store: string
  /** How long a packument asked for without a date counts as today's. */
  readonly freshSeconds?: number
}

const maximumMebibytes = 64
/** A kept version takes about two kilobytes of memory. */
const rememberedVersions = 4000

/**
 * Opens an owner's view of the operator's registries. A kept packument answers for every date before it was fetched; what is
 * kept is also used while the upstream is down. Callers who ask for the same thing at once share one fetch.
 */
export function openRegistry(options: RegistryOptions): Registry {
  const upstream = openUpstream(options)
  const stores = {
    public: openStore(join(options.store, 'public')),
    own: openStore(ownersFolder(options.store, options.owner)),
  }
  const storeFor = (name: string) => (upstream.isPrivate(upstream.address(name)) ? stores.own : stores.public)
  const fresh = (options.freshSeconds ?? 3600) * 1000
  // Each holds a whole packument (up to 10 MB, most far less) while it is read.
  const limit = pLimit(4)
  // Each holds what thousands of versions need; side by side they would share one core, and double the memory.
  const oneFitting = pLimit(1)
  const remembered = rememberRecent()
  const packuments = sharing<Packument | null>()
  const tarballs = sharing<KeptTarball | null>()

  async function packument(name: string, asOf: Date | null): Promise<Packument | null> {
    return packuments(`${name} ${asOf?.getTime() ?? ''}`, async () => {
      const kept = remembered.get(name) ?? (await storeFor(name).packument(name))
      if (kept !== null && serves(kept, asOf, fresh)) return remembered.put(kept)
      return limit(() => refresh(name, kept))
    })
  }

  async function refresh(name: string, kept: Packument | null): Promise<Packument | null> {
    try {
      const fetched = await fetchPackument(upstream, name)
      if (fetched === null) return null
      await storeFor(name).keepPackument(fetched)
      return remembered.put(fetched)
    } catch (error) {
      if (kept !== null && error instanceof Fault) return kept
      throw error
    }
  }

  return {
    packument,
    tarball: (name, file) =>
      tarballs(`${name}/${file}`, async () => {
        const store = storeFor(name)
        const kept = async () => remembered.get(name) ?? store.packument(name)
        const whole = () => packument(name, new Date(0))
        return (await store.tarball(name, file)) ?? fetchTarball({ upstream, store, kept, whole }, name, file)
      }),
    fitting: async (asOf, needs, make) => {
      // What is private is told apart by package; here public and private ones meet, so it stays with the owner.
      const key = fittingKey(asOf, needs)
      const kept = await stores.own.fitting(key)
      if (kept !== null) return kept
      const made = await oneFitting(make)
      await stores.own.keepFitting(key, made)
      return made
    },
    close: () => upstream.close(),
  }
}

/** Raised when fittings are worked out otherwise: those that are kept no longer count. */
const fittingVersion = 2

function fittingKey(asOf: Date, needs: readonly Need[]): string {
  const wanted = needs.map(({ name, range }) => `${name}@${range}`)
  return createHash('sha256')
    .update(JSON.stringify([fittingVersion, dating, asOf.getTime(), ...new Set(wanted)]))
    .digest('hex')
}

/** What was fetched after the date asked for holds all that there was on it. */
function serves(kept: Packument, asOf: Date | null, fresh: number): boolean {
  if (kept.dating !== dating) return false
  if (asOf !== null && kept.fetchedAt > asOf.getTime()) return true
  return Date.now() - kept.fetchedAt < fresh
}

async function fetchPackument(upstream: UpstreamClient, name: string): Promise<Packument | null> {
  const fetched = await upstream.get(upstream.address(name))
  if (fetched === null) return null
  const text = await readBody(fetched.body, `the packument of ${name}`, maximumMebibytes)
  const read = readDocument(text, name)
  if (Object.keys(read.versions).length === 0) return null
  return read.name === name ? read : { ...read, name }
}

function readDocument(text: Buffer, name: string): Packument {
  try {
    return condensePackument(text, Date.now())
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) {
      throw new Fault('registry', `the package registry's answer for ${name} is no packument`, { cause: error })
    }
    throw error
  }
}

interface TarballSources {
  readonly upstream: UpstreamClient
  readonly store: PackageStore
  /** The packument if it is kept already: a published version never changes, so any will do. */
  readonly kept: () => Promise<Packument | null>
  /** The packument, fetched where it is not kept. */
  readonly whole: () => Promise<Packument | null>
}

/**
 * The version's own address is used, and its digest checked. A lockfile's packages are asked for by tarball alone: then the
 * version's own small document is asked for, and the whole packument only where the registry has no such thing.
 */
async function fetchTarball(sources: TarballSources, name: string, file: string): Promise<KeptTarball | null> {
  const { upstream, store } = sources
  const kept = await sources.kept()
  const known =
    versionOfFile(kept, file) ??
    (await fetchVersion(upstream, name, file)) ??
    versionOfFile(await sources.whole(), file)
  const body = await firstBody(upstream, [known?.tarball ?? null, upstream.address(name, `-/${file}`)])
  return body === null ? null : store.keepTarball(name, file, body, digestOf(known))
}

async function firstBody(upstream: UpstreamClient, addresses: readonly (string | null)[]): Promise<Readable | null> {
  for (const address of new Set(addresses)) {
    const fetched = address !== null && upstream.allows(address) ? await upstream.get(address) : null
    if (fetched !== null) return fetched.body
  }
  return null
}

/** `GET /<name>/<version>`: one manifest. Null where the registry has no such document. */
async function fetchVersion(upstream: UpstreamClient, name: string, file: string): Promise<FoundVersion | null> {
  const version = versionInName(name, file)
  const fetched = version === null ? null : await upstream.get(`${upstream.address(name)}/${version}`)
  return fetched === null
    ? null
    : condenseVersion(await readBody(fetched.body, `the packument of ${name}@${version}`, maximumMebibytes))
}

/** Clients name the file by the version: `name-1.0.0.tgz`. */
function versionInName(name: string, file: string): string | null {
  const prefix = `${baseName(name)}-`
  return file.startsWith(prefix) ? file.slice(prefix.length).replace(/\.(?:tgz|tar\.gz)$/, '') : null
}

/** Some registries' own files are called otherwise than their version. */
function versionOfFile(packument: Packument | null, file: string): FoundVersion | null {
  if (packument === null) return null
  const named = packument.versions[versionInName(packument.name, file) ?? '']
  return named ?? Object.values(packument.versions).find((each) => each.tarball.endsWith(`/${file}`)) ?? null
}

function digestOf(version: FoundVersion | null): ExpectedDigest {
  const { integrity, shasum } = version?.manifest.dist ?? {}
  const strong =
    typeof integrity === 'string'
      ? /(?:^|\s)sha512-(?<digest>[A-Za-z0-9+/]+=*)/.exec(integrity)?.groups?.digest
      : undefined
  return {
    sha512: strong === undefined ? null : Buffer.from(strong, 'base64').toString('hex'),
    sha1: typeof shasum === 'string' && shasum !== '' ? shasum.toLowerCase() : null,
  }
}

/** The packuments used last, as many as make up a bounded number of versions (about a kilobyte each). */
function rememberRecent(): { get(name: string): Packument | null; put(packument: Packument): Packument } {
  const recent = new Map<string, Packument>()
  const size = (packument: Packument) => Object.keys(packument.versions).length
  let total = 0
  const drop = (name: string) => {
    const known = recent.get(name)
    if (known !== undefined) total -= size(known)
    recent.delete(name)
  }
  return {
    get: (name) => recent.get(name) ?? null,
    put: (packument) => {
      drop(packument.name)
      recent.set(packument.name, packument)
      total += size(packument)
      for (const name of recent.keys()) {
        if (total <= rememberedVersions) break
        drop(name)
      }
      return packument
    },
  }
}
