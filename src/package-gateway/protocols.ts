import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openClient } from './client.ts'
import { crates } from './crates/index.ts'
import { goProxy } from './go/index.ts'
import { boundCredentials } from './install-credentials.ts'
import { keepUpstream } from './kept-upstream.ts'
import { maven } from './maven/index.ts'
import type { PackageProtocol, ProtocolRegistry, ProtocolUpstream } from './protocol.ts'
import { pypi } from './pypi/index.ts'
import type { InstallCredential } from './types.ts'

/** Every protocol that the gateway speaks beside npm's: one line each. */
export const protocols: readonly PackageProtocol[] = [crates, pypi, goProxy, maven]

export interface ProtocolOptions {
  /** Folder that holds what was served, under Quarry's home. */
  readonly store: string
  readonly credentials: readonly InstallCredential[]
  /** The operator's. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Waits between tries, in milliseconds. */
  readonly backoff?: readonly number[]
}

/** The registries of every protocol but npm's, opened when they are first asked for. */
export interface ProtocolRegistries {
  /** One owner's view; `*` is everybody's. Null: the machine has no tool of that world. */
  of(owner: string, protocol: string): Promise<ProtocolRegistry | null>
  close(): Promise<void>
}

export function openProtocols(
  { store, credentials, environment, backoff }: ProtocolOptions,
  known: readonly PackageProtocol[] = protocols,
): ProtocolRegistries {
  const upstreams = new Map<string, Promise<ProtocolUpstream | null>>()
  const opened = new Map<string, Promise<ProtocolRegistry | null>>()

  async function open(owner: string, protocol: PackageProtocol): Promise<ProtocolRegistry | null> {
    const upstream = await remembered(upstreams, protocol.name, () =>
      inEmptyFolder((folder) => protocol.readUpstream(folder, environment)),
    )
    if (upstream === null) return null
    const mend = `check how this machine is set up to get packages of ${protocol.name}`
    const waits = backoff === undefined ? {} : { backoff }
    const all = boundCredentials(credentials, upstream.authorizations ?? [])
    const client = openClient({ ...upstream, ...waits, credentials: all, owner, mend })
    const kept = keepUpstream(client, { registries: upstream.registries, root: join(store, protocol.name), owner })
    return { ...protocol.open(kept), close: () => client.close() }
  }

  return {
    of(owner, name) {
      const protocol = known.find((each) => each.name === name)
      if (protocol === undefined) return Promise.resolve(null)
      return remembered(opened, `${name} ${owner}`, () => open(owner, protocol))
    },
    async close() {
      for (const registry of await Promise.allSettled(opened.values()))
        if (registry.status === 'fulfilled') await registry.value?.close()
    },
  }
}

/** A failure is not remembered: the operator may have mended it. */
function remembered<T>(calls: Map<string, Promise<T>>, key: string, start: () => Promise<T>): Promise<T> {
  const known = calls.get(key)
  if (known !== undefined) return known
  const call = start()
  calls.set(key, call)
  call.catch(() => calls.delete(key))
  return call
}

async function inEmptyFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'quarry-settings-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
