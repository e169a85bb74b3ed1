import type { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { rootCertificates } from 'node:tls'
import { Agent, type Dispatcher, ProxyAgent, request } from 'undici'
import { Fault, messageOf } from '../errors.ts'
import { encodePackageName, scopeOf } from './package-name.ts'
import type { InstallCredential, NpmUpstream } from './types.ts'

export interface UpstreamClient {
  /** The address of a package's packument, or of something under it: `-/ms-2.1.3.tgz`. */
  address(name: string, below?: string): string
  /** True where the address belongs to a registry that the machine is set up for. */
  allows(address: string): boolean
  /** True where this owner's requests to the address carry a credential: what comes back is private. */
  isPrivate(address: string): boolean
  /** The body of a 200; null for 401, 402, 403, 404, 405, 410, 451: not to be had. Throws Fault('registry') for everything else, after retries. */
  get(address: string): Promise<Readable | null>
  close(): Promise<void>
}

export interface UpstreamOptions {
  readonly upstream: NpmUpstream
  readonly credentials: readonly InstallCredential[]
  readonly owner: string
  /** Waits between tries, in milliseconds. */
  readonly backoff?: readonly number[]
}

const absent = new Set([401, 402, 403, 404, 405, 410, 451])
const maximumRedirects = 4

/** The client of the operator's registries, with what this owner may show them. Keeps connections alive. */
export function openUpstream(options: UpstreamOptions): UpstreamClient {
  const { upstream, owner } = options
  const dispatcher = dispatcherFor(upstream)
  const registries = [upstream.registry, ...upstream.scopes.values()]
  const credentials = options.credentials.filter((each) => each.owner === owner || each.owner === '*')
  const allows = (address: string) => registries.some((registry) => sameOrigin(registry, address))
  const credentialFor = (address: string) => bestCredential(credentials, address)
  const once = async (address: string): Promise<Answer> => {
    let at = address
    for (let hop = 0; hop <= maximumRedirects; hop += 1) {
      const authorization = credentialFor(at)
      const response = await request(at, {
        dispatcher,
        headers: { accept: 'application/json, */*;q=0.5', ...(authorization === null ? {} : { authorization }) },
        headersTimeout: 60_000,
        bodyTimeout: 60_000,
      })
      const location = response.headers.location
      if (response.statusCode < 300 || response.statusCode >= 400 || typeof location !== 'string') {
        return { status: response.statusCode, body: response.body }
      }
      await response.body.dump()
      // A registry sends clients to its own store of files; the credential stays behind unless it is meant for that host too.
      at = new URL(location, at).href
    }
    return { status: 508, body: null }
  }
  return {
    address: (name, below) => {
      const scope = scopeOf(name)
      const registry = (scope === null ? undefined : upstream.scopes.get(scope)) ?? upstream.registry
      return below === undefined ? registry + encodePackageName(name) : `${registry}${name}/${below}`
    },
    allows,
    isPrivate: (address) => credentials.some((each) => each.owner !== '*' && matches(each, address)),
    get: (address) => getWithRetries(once, address, options.backoff ?? [200, 1000, 4000]),
    close: () => dispatcher.close(),
  }
}

interface Answer {
  readonly status: number
  readonly body: (Readable & { dump(): Promise<void> }) | null
}

async function getWithRetries(
  once: (address: string) => Promise<Answer>,
  address: string,
  backoff: readonly number[],
): Promise<Readable | null> {
  let failure: unknown = null
  for (let turn = 0; turn <= backoff.length; turn += 1) {
    if (turn > 0) await pause(backoff[turn - 1] ?? 0)
    try {
      const { status, body } = await once(address)
      if (status === 200 && body !== null) return body
      await body?.dump()
      if (absent.has(status)) return null
      failure = new Error(`status ${status}`)
    } catch (error) {
      failure = error
    }
  }
  throw new Fault('registry', `the package registry did not give ${address}: ${messageOf(failure)}`, {
    mend: 'check the registry, proxy and certificates of `npm config list`',
    cause: failure,
  })
}

function dispatcherFor(upstream: NpmUpstream): Dispatcher {
  const connect = upstream.certificates === null ? {} : { ca: [...rootCertificates, upstream.certificates] }
  const limits = { connections: 16, keepAliveTimeout: 30_000, allowH2: false }
  if (upstream.proxy === null) return new Agent({ ...limits, connect: { ...connect, timeout: 20_000 } })
  return new ProxyAgent({ ...limits, uri: upstream.proxy, requestTls: connect, proxyTls: connect })
}

function sameOrigin(registry: string, address: string): boolean {
  return URL.canParse(address) && new URL(registry).origin === new URL(address).origin
}

/** The credential with the longest path that the address lies under, as npm chooses (npmrc docs, auth-related configuration). */
function bestCredential(credentials: readonly InstallCredential[], address: string): string | null {
  const fitting = credentials.filter((each) => matches(each, address))
  // The owner's own wins over everyone's.
  fitting.sort((a, b) => b.registry.length - a.registry.length || Number(a.owner === '*') - Number(b.owner === '*'))
  return fitting[0]?.authorization ?? null
}

function matches(credential: InstallCredential, address: string): boolean {
  const prefix = credential.registry.endsWith('/') ? credential.registry : `${credential.registry}/`
  return address.replace(/^https?:/, '').startsWith(prefix)
}
