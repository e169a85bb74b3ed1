import { decodeSegments, pathOf } from '../address.ts'
import { isPackageName } from './package-name.ts'

/** What a request asks for. Everything that is not an npm-shaped read is refused by name. */
export type Route =
  | { readonly kind: 'packument'; readonly name: string }
  | { readonly kind: 'version'; readonly name: string; readonly selector: string }
  | { readonly kind: 'tags'; readonly name: string }
  | { readonly kind: 'tarball'; readonly name: string; readonly file: string }
  | { readonly kind: 'audit' }
  | { readonly kind: 'ping' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly why: string }

const tarballFile = /^(?!\.)[\w.~!'()*+-]+\.(?:tgz|tar\.gz)$/
const maximumTarget = 2048

/**
 * Reads a request line. An absolute address (`GET http://other.host/ms HTTP/1.1`, as clients send to a proxy) is answered as
 * if its path had been asked here: the host that it names is never contacted.
 */
export function parseRoute(method: string, target: string): Route {
  if (method === 'CONNECT') return refused('no tunnels')
  if (target.length > maximumTarget) return refused('address too long')
  const path = pathOf(target)
  if (path === null) return refused('not an address')
  const segments = decodeSegments(path)
  if (segments === null) return refused('not a registry path')
  if (segments[0] === '-') return serviceRoute(method, segments.slice(1))
  if (method !== 'GET' && method !== 'HEAD') return refused(`${method} is not a read`)
  return packageRoute(segments)
}

function refused(why: string): Route {
  return { kind: 'refused', why }
}

/** `/-/…`: what npm clients ask beside packages. Audits are answered with nothing found; the rest does not exist here. */
function serviceRoute(method: string, rest: readonly string[]): Route {
  const path = rest.join('/')
  if (method === 'POST') {
    return /^npm\/v1\/security\/(?:audits(?:\/quick)?|advisories\/bulk)$/.test(path)
      ? { kind: 'audit' }
      : refused('POST is not a read')
  }
  if (method !== 'GET' && method !== 'HEAD') return refused(`${method} is not a read`)
  if (path === 'ping') return { kind: 'ping' }
  const tags = /^package\/(?<name>.+)\/dist-tags$/.exec(path)?.groups?.name
  if (tags !== undefined && isPackageName(tags)) return { kind: 'tags', name: tags }
  return { kind: 'absent' }
}

function packageRoute(segments: readonly string[]): Route {
  const [first = '', second = ''] = segments
  const scoped = first.startsWith('@')
  const name = scoped ? `${first}/${second}` : first
  const rest = segments.slice(scoped ? 2 : 1)
  if (!isPackageName(name)) return refused('not a package name')
  if (rest.length === 0) return { kind: 'packument', name }
  if (rest[0] === '-') return tarballRoute(name, rest.slice(1))
  const [selector = '', ...more] = rest
  return more.length === 0 ? { kind: 'version', name, selector } : refused('not a registry path')
}

/** `-/name-1.0.0.tgz`; some registries repeat the scope: `-/@scope/name-1.0.0.tgz`. */
function tarballRoute(name: string, rest: readonly string[]): Route {
  const file = rest.at(-1) ?? ''
  const scopeRepeated = rest.length === 2 && name.startsWith(`${rest[0]}/`)
  if ((rest.length !== 1 && !scopeRepeated) || !tarballFile.test(file)) return refused('not a tarball path')
  return { kind: 'tarball', name, file }
}
