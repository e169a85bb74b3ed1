import { isPackageName } from './package-name.ts'

export type LockfileKind = 'package-lock' | 'yarn-classic' | 'yarn-berry' | 'pnpm-lock'

export interface RewrittenLockfile {
  readonly text: string
  /** Addresses that no registry can serve: git hosts and other servers. */
  readonly foreign: readonly string[]
}

const quoteless = String.raw`[^\s"'<>{},]+`
const webAddress = new RegExp(`https?://${quoteless}`, 'g')
const encodedAddress = /__archiveUrl=(?<address>[^\s"'&#]+)/g

/**
 * Turns every npm-shaped tarball address of a lockfile (`https://any.host/any/path/<package>/-/<file>.tgz`) into the gateway's. The host
 * does not matter: a tarball is known by its name and held to the lockfile's own digest. The rest stays letter by letter.
 */
export function rewriteLockfile(text: string, kind: LockfileKind, gatewayUrl: string): RewrittenLockfile {
  const foreign = new Set<string>()
  const replace = (address: string) => {
    const own = gatewayTarball(address, gatewayUrl)
    if (own !== null) return own
    if (/\.(?:tgz|tar\.gz)(?:[?#]|$)|\/tar\.gz\//.test(address)) foreign.add(address)
    return address
  }
  const rewritten = text.replace(webAddress, replace)
  if (kind !== 'yarn-berry') return { text: rewritten, foreign: [...foreign] }
  const berry = rewritten.replace(encodedAddress, (whole, address: string) => {
    const own = gatewayTarball(decodeAddress(address), gatewayUrl)
    return own === null ? whole : `__archiveUrl=${encodeURIComponent(own)}`
  })
  return { text: berry, foreign: [...foreign] }
}

/** The same tarball at the gateway; null where the address is not one of a registry. A `#sha1` (yarn classic) stays. */
function gatewayTarball(address: string, gatewayUrl: string): string | null {
  const parts = /^https?:\/\/[^/]+\/(?<path>[^?#]+)(?:\?[^#]*)?(?<hash>#.*)?$/.exec(address)?.groups
  const [before, after, ...more] = (parts?.path ?? '').split('/-/')
  if (before === undefined || after === undefined || more.length > 0) return null
  const name = packageOf(before)
  const file = after.slice(after.lastIndexOf('/') + 1)
  const scopeRepeated = after === file || (name !== null && after === `${name.split('/')[0]}/${file}`)
  if (name === null || !scopeRepeated || !/^[\w.~!'()*+-]+\.tgz$/.test(file)) return null
  return `${gatewayUrl}/${name}/-/${file}${parts?.hash ?? ''}`
}

function packageOf(path: string): string | null {
  const segments = decodeAddress(path).split('/')
  const last = segments.at(-1) ?? ''
  const scope = segments.at(-2) ?? ''
  const name = scope.startsWith('@') ? `${scope}/${last}` : last
  return isPackageName(name) ? name : null
}

function decodeAddress(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    // A stray percent sign: the address as it stands.
    return encoded
  }
}
