/** The only door to package registries that an install has. See docs/package-gateway.md. */

export { visibleAsOf } from './as-of.ts'
export { openGateway } from './gateway.ts'
export { type LockfileKind, rewriteLockfile } from './lockfile.ts'
export { type NpmConfiguration, readAuthorizations, readNpmConfiguration } from './npm-configuration.ts'
export { openRegistry, type RegistryOptions } from './registry.ts'
export { type SettingsKind, withoutRegistrySettings } from './registry-settings.ts'
export { lineStart, nodeReleaseTime } from './release-lines.ts'
export { pruneStore } from './store.ts'
export {
  type Gateway,
  type GatewayLog,
  type GatewayOptions,
  gatewayAddress,
  type InstallCredential,
  type NpmUpstream,
  type Registry,
} from './types.ts'
