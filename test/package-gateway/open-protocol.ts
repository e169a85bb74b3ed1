import { join } from 'node:path'
import { openRegistry } from '../../src/package-gateway/index.ts'
import type { PackageProtocol, ProtocolUpstream } from '../../src/package-gateway/protocol.ts'
import { openProtocols, type ProtocolRegistries } from '../../src/package-gateway/protocols.ts'
import { openRelayed, type RelayedGateway } from './relay.ts'

/** A gateway for an install of `acme` that speaks one protocol, with its upstream at `address` below a server of the tests' own. */
export async function openProtocol(
  protocol: PackageProtocol,
  { folder, server, address, asOf }: { folder: string; server: string; address: string; asOf: Date | null },
): Promise<{ readonly registries: ProtocolRegistries; readonly gateway: RelayedGateway }> {
  const upstream: ProtocolUpstream = { registries: [address], certificates: null, proxy: null }
  const store = join(folder, 'store')
  const registries = openProtocols({ store, credentials: [], environment: {}, backoff: [] }, [
    { ...protocol, readUpstream: async () => upstream },
  ])
  const npm = { registry: server, scopes: new Map(), certificates: null, proxy: null }
  const registry = openRegistry({ upstream: npm, credentials: [], owner: 'acme', store, backoff: [] })
  const packages = (name: string) => registries.of('acme', name)
  return { registries, gateway: await openRelayed({ registry, packages, asOf, socketFolder: folder }) }
}
