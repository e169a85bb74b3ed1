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
