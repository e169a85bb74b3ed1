import type { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { rootCertificates } from 'node:tls'
import { Agent, type Dispatcher, ProxyAgent, request } from 'undici'
import { Fault, messageOf } from '../errors.ts'
import type { InstallCredential } from './types.ts'

/** What a registry answered with. */
export interface Fetched {
  readonly body: Readable
  readonly type: string | null
  /** When the upstream says that it was last changed (milliseconds); null: it does not say. */
  readonly modified: number | null
}

export interface RegistryClient {
  /** True where the address belongs to a registry that the machine is set up for. */
  allows(address: string): boolean
  /** True where this owner's requests to the address carry a credential: what comes back is private. */
  isPrivate(address: string): boolean
  /** The body of a 200; null for 401, 402, 403, 404, 405, 410, 451: not to be had. Throws Fault('registry') for everything else, after retries. */
  get(address: string, accept?: string): Promise<Fetched | null>
  close(): Promise<void>
}

export interface ClientOptions {
  /** Addresses that the operator's machine is set up for, ending in `/`. */
  readonly registries: readonly string[]
  /** PEM of the certificate authorities to trust beside Node's own; null: none. */
  readonly certificates: string | null
  /** The HTTP proxy that leads to the registries; null: none. */
  readonly proxy: string | null
  /** What the operator can do where a registry does not answer. */
  readonly mend: string
  readonly credentials: readonly InstallCredential[]
  readonly owner: string
  /** Waits between tries, in milliseconds. */
  readonly backoff?: readonly number[]
}

const absent = new Set([401, 402, 403, 404, 405, 410, 451])
const maximumRedirects = 4

/** The client of the operator's registries, with what this owner may show them. Keeps connections alive. */
export function openClient(options: ClientOptions): RegistryClient {
  const { registries, owner } = options
  const dispatcher = dispatcherFor(options)
  const credentials = options.credentials.filter((each) => each.owner === owner || each.owner === '*')
  const allows = (address: string) => registries.some((registry) => sameOrigin(registry, address))
  const credentialFor = (address: string) => bestCredential(credentials, address)
  const once = async (address: string, accept: string): Promise<Answer> => {
    let at = address
    for (let hop = 0; hop <= maximumRedirects; hop += 1) {
      const authorization = credentialFor(at)
      const response = await request(at, {
        dispatcher,
        headers: { accept, ...(authorization === null ? {} : { authorization }) },
        headersTimeout: 60_000,
        bodyTimeout: 60_000,
      })
      const location = response.headers.location
      if (response.statusCode < 300 || response.statusCode >= 400 || typeof location !== 'string') {
        return { status: response.statusCode, body: response.body, headers: response.headers }
      }
      await response.body.dump()
      // A registry sends clients to its own store of files; the credential stays behind unless it is meant for that host too.
      at = new URL(location, at).href
    }
    return { status: 508, body: null, headers: {} }
  }
  return {
    allows,
    isPrivate: (address) => credentials.some((each) => each.owner !== '*' && matches(each, address)),
    get: (address, accept = 'application/json, */*;q=0.5') =>
      getWithRetries(() => once(address, accept), address, options),
    close: () => dispatcher.close(),
  }
}

interface Answer {
  readonly status: number
  readonly body: (Readable & { dump(): Promise<void> }) | null
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

async function getWithRetries(
  once: () => Promise<Answer>,
  address: string,
  { backoff = [200, 1000, 4000], mend }: Pick<ClientOptions, 'backoff' | 'mend'>,
): Promise<Fetched | null> {
  let failure: unknown = null
  for (let turn = 0; turn <= backoff.length; turn += 1) {
    if (turn > 0) await pause(backoff[turn - 1] ?? 0)
    try {
      const { status, body, headers } = await once()
      if (status === 200 && body !== null)
        return { body, type: headerOf(headers['content-type']), modified: timeOf(headers['last-modified']) }
      await body?.dump()
      if (absent.has(status)) return null
      failure = new Error(`status ${status}`)
    } catch (error) {
      failure = error
    }
  }
  throw new Fault('registry', `the package registry did not give ${address}: ${messageOf(failure)}`, {
    mend,
    cause: failure,
  })
}

function headerOf(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null
}

function timeOf(value: string | string[] | undefined): number | null {
  const time = Date.parse(headerOf(value) ?? '')
  return Number.isNaN(time) ? null : time
}

function dispatcherFor({ certificates, proxy }: ClientOptions): Dispatcher {
  const connect = certificates === null ? {} : { ca: [...rootCertificates, certificates] }
  const limits = { connections: 16, keepAliveTimeout: 30_000, allowH2: false }
  if (proxy === null) return new Agent({ ...limits, connect: { ...connect, timeout: 20_000 } })
  return new ProxyAgent({ ...limits, uri: proxy, requestTls: connect, proxyTls: connect })
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
