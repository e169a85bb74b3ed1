import type { Flag } from '../model/index.ts'

/** Where the operator's machine gets npm packages from, as its npm configuration says (see npm-configuration.ts). */
export interface NpmUpstream {
  /** The default registry, ending in `/`. */
  readonly registry: string
  /** `@scope` → its registry, ending in `/`. */
  readonly scopes: ReadonlyMap<string, string>
  /** PEM of the certificate authorities to trust beside Node's own; null: none. */
  readonly certificates: string | null
  /** The HTTP proxy that leads to the registries; null: none. */
  readonly proxy: string | null
}

/** What opens a registry, and for whose installs alone it may be used. `owner` `*` stands for every owner. */
export interface InstallCredential {
  readonly owner: string
  /** `//host/path/` as npm writes it: the registry's address without its protocol. */
  readonly registry: string
  /** The whole value of the Authorization header. */
  readonly authorization: string
}

/** What installing needs to know of one version: npm's abbreviated manifest. */
type InstallManifest = Readonly<Record<string, unknown>> & { readonly dist: Readonly<Record<string, unknown>> }

export interface KeptVersion {
  readonly manifest: InstallManifest
  /** Where the upstream has the tarball. */
  readonly tarball: string
  /** Published at this time or later (milliseconds); null: nothing is known. */
  readonly notBefore: number | null
  /** Published at this time or earlier; null: nothing is known. */
  readonly notAfter: number | null
}

/** A package as the gateway keeps it: npm's packument cut down to what installs need, with what is known of its times. */
export interface Packument {
  readonly name: string
  readonly fetchedAt: number
  /** By which rules its versions were dated: see `dating` in publish-times.ts. */
  readonly dating: number
  readonly tags: Readonly<Record<string, string>>
  readonly versions: Readonly<Record<string, KeptVersion>>
}

export interface KeptTarball {
  /** Absolute path of the file in the store. */
  readonly path: string
  readonly bytes: number
  /** Hexadecimal. */
  readonly sha512: string
}

/** A package that is asked for, and the semver range that it must meet. */
export interface Need {
  readonly name: string
  readonly range: string
}

/** What makes the view of a date consistent with itself (see fitting.ts): versions by package. */
export interface Fitting {
  /** Undated, but in need of what is proven younger. */
  readonly hidden: Readonly<Record<string, readonly string[]>>
  /** In need though the bounds say they are younger. */
  readonly shown: Readonly<Record<string, readonly string[]>>
}

/** One owner's view of the registries, with what was kept of them. `null` answers: the registry has no such thing. */
export interface Registry {
  /** Throws Fault('registry') where the upstream does not answer and nothing is kept. `asOf` null: as it is today. */
  packument(name: string, asOf: Date | null): Promise<Packument | null>
  /** `file` as in `/<name>/-/<file>`. Verified against the integrity that the registry names. */
  tarball(name: string, file: string): Promise<KeptTarball | null>
  /** What was made of `needs` at a date, kept under both; `make` is called where nothing is. */
  fitting(asOf: Date, needs: readonly Need[], make: () => Promise<Fitting>): Promise<Fitting>
  close(): Promise<void>
}

/** What went through a gateway: live, and bounded to a thousand entries a list. */
export interface GatewayLog {
  packuments: number
  tarballs: number
  bytes: number
  /** Everything that was let through, by name: `left-pad`, `left-pad-1.3.0.tgz`. */
  readonly served: string[]
  /** Packages, versions or tarballs that the registry does not have. */
  readonly missing: string[]
  readonly refused: { readonly what: string; readonly why: string }[]
  /** Non-empty: the upstream failed, so a failed install is a fault and no refusal. */
  readonly faults: string[]
  readonly flags: Set<Flag>
  /** Packages of which some version's age could not be told from the date asked for. */
  readonly unsure: string[]
}

export interface GatewayOptions {
  readonly registry: Registry
  /** Versions published later are hidden; null: nothing is. */
  readonly asOf: Date | null
  /** What the manifests of the install ask for: what is shown of a date is made to fit together for it. None by default. */
  readonly needs?: readonly Need[]
  /** The address under which the clients reach the gateway; it stands in the tarball addresses it hands out. */
  readonly address?: string
  /** Folder for the socket's own folder; its path must be short (a socket's path has at most 107 bytes). */
  readonly socketFolder: string
}

export interface Gateway {
  /** Path of the unix socket, in a folder that only Quarry's user can enter. */
  readonly socket: string
  readonly address: string
  readonly log: GatewayLog
  close(): Promise<void>
}

/** The address of the gateway inside every sandbox. */
export const gatewayAddress = 'http://127.0.0.1:4873'
