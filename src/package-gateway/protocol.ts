import type { KeptFile, KeptUpstream } from './kept-upstream.ts'

/** Where the operator's machine gets packages of one world from, as that world's own tool is set up. */
export interface ProtocolUpstream {
  /** Base addresses, ending in `/`, in the order in which they are asked. */
  readonly registries: readonly string[]
  /** PEM of the certificate authorities to trust beside Node's own; null: none. */
  readonly certificates: string | null
  /** The HTTP proxy that leads to the registries; null: none. */
  readonly proxy: string | null
  /** The operator's own credentials (`//host/path/` → the Authorization header's value), for every owner. Left out: none. */
  readonly authorizations?: readonly { readonly registry: string; readonly authorization: string }[]
}

/** A read that an install asks of the gateway below a protocol's prefix; everything else is refused before it comes here. */
export interface ProtocolRequest {
  /** What follows the prefix, each segment decoded once: no empty ones, no `.` or `..`; a slash at the end is gone. */
  readonly segments: readonly string[]
  /** Behind `?`, as sent; empty: none. */
  readonly query: string
  /** The Accept header. */
  readonly accept: string
  /** Versions published later are hidden; null: nothing is. */
  readonly asOf: Date | null
  /** Where clients find this protocol at the gateway: `http://127.0.0.1:4873/~pypi`, without a slash at its end. */
  readonly address: string
  /** Left out: nothing was shown before. */
  readonly session?: ProtocolSession
}

/** What one gateway's client was shown so far. */
export interface ProtocolSession {
  /** A version of after the day stood in for a package: what that requires is of its own day, and no less to be had. */
  hasLater: boolean
}

/** `name` is what the gateway's log calls it: `requests`, `requests-2.31.0.tar.gz`. */
export type ProtocolAnswer =
  | {
      readonly kind: 'document'
      readonly name: string
      readonly type: string
      readonly body: Buffer
      /** The age of some version in it could not be told from the date asked for. */
      readonly unsure?: boolean
    }
  | { readonly kind: 'file'; readonly name: string; readonly file: KeptFile }
  | { readonly kind: 'absent'; readonly name: string }
  | { readonly kind: 'refused'; readonly why: string }

/** One owner's view of one world's registries. */
export interface ProtocolRegistry {
  /** Throws Fault('registry') where the upstream does not answer and nothing is kept. */
  answer(request: ProtocolRequest): Promise<ProtocolAnswer>
  close(): Promise<void>
}

/** How packages of one world are asked for: PyPI's index, Go's module proxy, Cargo's sparse index, a Maven repository. */
export interface PackageProtocol {
  /** `pypi`, `go` …; at the gateway it is found below `/~<name>/`. */
  readonly name: string
  /**
   * Asks the machine's own tool where it gets its packages from, so that no address stands in this program; null where the machine has no
   * such tool. `folder` has no settings of any tool. Throws UserError where what the operator set up can't be read.
   */
  readUpstream(
    folder: string,
    environment: Readonly<Record<string, string | undefined>>,
  ): Promise<ProtocolUpstream | null>
  /** The answers of one owner's registries, out of what is kept or the upstream has. */
  open(kept: KeptUpstream): Omit<ProtocolRegistry, 'close'>
}
