import { type ClientOptions, openClient, type RegistryClient } from '../client.ts'
import { encodePackageName, scopeOf } from './package-name.ts'
import type { NpmUpstream } from './types.ts'

export interface UpstreamClient extends RegistryClient {
  /** The address of a package's packument, or of something under it: `-/ms-2.1.3.tgz`. */
  address(name: string, below?: string): string
}

export interface UpstreamOptions extends Pick<ClientOptions, 'credentials' | 'owner' | 'backoff'> {
  readonly upstream: NpmUpstream
}

/** The client of the operator's npm registries. */
export function openUpstream({ upstream, ...options }: UpstreamOptions): UpstreamClient {
  const client = openClient({
    ...options,
    registries: [upstream.registry, ...upstream.scopes.values()],
    certificates: upstream.certificates,
    proxy: upstream.proxy,
    mend: 'check the registry, proxy and certificates of `npm config list`',
  })
  return {
    ...client,
    address: (name, below) => {
      const scope = scopeOf(name)
      const registry = (scope === null ? undefined : upstream.scopes.get(scope)) ?? upstream.registry
      return below === undefined ? registry + encodePackageName(name) : `${registry}${name}/${below}`
    },
  }
}
