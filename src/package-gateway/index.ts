/** The only door to package registries that an install has. See docs/package-gateway.md. */

export { openGateway } from './gateway.ts'
export { boundCredentials, readInstallCredentials } from './install-credentials.ts'
export { type LockfileKind, rewriteLockfile } from './lockfile.ts'
export { readNeed } from './need.ts'
export { readAuthorizations, readNpmConfiguration } from './npm-configuration.ts'
export { openRegistry } from './registry.ts'
export { withoutRegistrySettings } from './registry-settings.ts'
export { lineStart, nodeReleaseTime } from './release-lines.ts'
export { pruneStore, removeOwnersStore } from './store.ts'
export {
  type Gateway,
  type GatewayOptions,
  gatewayAddress,
  type InstallCredential,
  type Need,
  type NpmUpstream,
  type Registry,
} from './types.ts'
