import semver from 'semver'

/** True for a tarball's address in the shape that every npm registry uses: `…/<name>/-/<file>.tgz`. */
export function isRegistryTarball(address: string): boolean {
  return /\/-\/[^/]+\.tgz(?:[?#].*)?$/.test(address)
}

/**
 * True for a dependency's range that leads outside the registries: git addresses, `github:owner/name`, `owner/name`, and
 * URLs that are no registry's tarballs (npm's package.json documentation, "Git URLs" and "GitHub URLs").
 */
export function isForeignRange(range: string): boolean {
  const text = range.trim()
  if (semver.validRange(text) !== null || /^(?:npm|file|link|workspace|portal|patch|catalog|exec):/.test(text))
    return false
  if (/^(?:git[+:@]|git\+ssh|ssh:|github:|gitlab:|bitbucket:|gist:)/.test(text)) return true
  if (/^https?:\/\//.test(text)) return !isRegistryTarball(text)
  return /^[\w.-]+\/[\w.-]+(?:#.*)?$/.test(text)
}

/** True for where a lockfile takes a package from, if that is no registry and no folder of the repository. */
export function isForeignSource(source: string): boolean {
  return isForeignRange(source) || /^https?:\/\/.*\.git(?:#|$)|[#&]commit=/.test(source)
}

const nativeParts = new Set([
  'nan',
  'bindings',
  'node-addon-api',
  'node-gyp-build',
  'node-gyp-build-optional-packages',
  'prebuild-install',
  'prebuildify',
  'node-pre-gyp',
  '@mapbox/node-pre-gyp',
  'cmake-js',
  'napi-macros',
  'pkg-prebuilds',
])

/** True where a package depends on what native addons are built or found with. */
export function isNative(dependencies: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(dependencies).some((name) => nativeParts.has(name))
}
