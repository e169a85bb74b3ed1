import type { Flag } from '../model/index.ts'
import type { Need, Registry } from './npm/types.ts'
import type { ProtocolRegistry } from './protocol.ts'

/** What opens a registry, and for whose installs alone it may be used. `owner` `*` stands for every owner. */
export interface InstallCredential {
  readonly owner: string
  /** `//host/path/` as npm writes it: the registry's address without its protocol. */
  readonly registry: string
  /** The whole value of the Authorization header. */
  readonly authorization: string
}

/** What went through a gateway: live, and bounded to a thousand entries a list. */
export interface GatewayLog {
  /** From the sandbox: the first of each command is its door's own, made before the command starts. */
  connections: number
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
  /** An answer may have been another one on another day. */
  dated: boolean
  /** Packages of which some version's age could not be told from the date asked for. */
  readonly unsure: string[]
}

export interface GatewayOptions {
  /** npm's. */
  readonly registry: Registry
  /** The other registries of the same owner, by their protocol's name; null where the machine has no such tool. None by default. */
  readonly packages?: (protocol: string) => Promise<ProtocolRegistry | null>
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
