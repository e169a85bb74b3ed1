/** What a client asks of a module proxy. `module` is as it stands in the address, capitals escaped. */
type GoRoute =
  | { readonly kind: 'list'; readonly module: string }
  | { readonly kind: 'latest'; readonly module: string }
  | VersionRoute

/** Of one version: the note of it, its go.mod, its files. */
export interface VersionRoute {
  readonly kind: 'info' | 'mod' | 'zip'
  readonly module: string
  readonly version: string
}

/** An element of a module's path: a capital is written `!` and its small letter. */
const element = /^(?!\.)(?!.*\.$)(?:[a-z0-9._~-]|![a-z])+$/
/** Of a version, a branch's or commit's name too, which the proxy turns into a version. */
const versionName = /^(?!\.)(?:[a-z0-9._+~-]|![a-z])+$/

/** Null: this is not how a module proxy is asked. */
export function goRoute(segments: readonly string[]): GoRoute | null {
  const at = segments.findIndex((segment) => segment.startsWith('@'))
  const path = segments.slice(0, at)
  if (at < 1 || !path.every((each) => element.test(each))) return null
  const module = path.join('/')
  const [marker, file = '', ...rest] = segments.slice(at)
  if (rest.length > 0) return null
  if (marker === '@latest') return file === '' ? { kind: 'latest', module } : null
  if (marker !== '@v') return null
  if (file === 'list') return { kind: 'list', module }
  const { version, kind } = /^(?<version>.+)\.(?<kind>info|mod|zip)$/.exec(file)?.groups ?? {}
  if (version === undefined || !versionName.test(version)) return null
  return kind === 'info' || kind === 'mod' || kind === 'zip' ? { kind, module, version } : null
}

/** A name as people write it. */
export function unescaped(path: string): string {
  return path.replaceAll(/!([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** A name as it stands in an address. */
export function escaped(path: string): string {
  return path.replaceAll(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`)
}

/** What a version was once, it stays: a release, a prerelease or a commit in the form that names its time. */
export function isCanonical(version: string): boolean {
  return /^v\d+\.\d+\.\d+(?:-[0-9a-z.-]+)?(?:\+incompatible)?$/i.test(unescaped(version))
}

/** A commit in the form of a version, as `go` writes it where no release is at it. */
export function isCommit(version: string): boolean {
  return /^v\d+\.\d+\.\d+-(?:.*\.)?\d{14}-[0-9a-f]{12}(?:\+incompatible)?$/.test(version)
}
