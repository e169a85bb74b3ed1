import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { messageOf, UserError } from '../../errors.ts'
import type { ProtocolUpstream } from '../protocol.ts'

type Environment = Readonly<Record<string, string | undefined>>

const manifest = `[package]
name = "quarry-asks"
version = "0.0.0"
edition = "2021"
[lib]
path = "lib.rs"
[workspace]
[dependencies]
libc = "*"
`

/** Nobody listens there: cargo says which address it could not get, and asks nobody. */
const nowhere = 'http://127.0.0.1:1'

/**
 * Where cargo gets its crates from, as this machine is set up (source replacement, variables, its own default): it is told to resolve a throw-away
 * package through a proxy that is not there, and names the address that it can't get. Null where there is no cargo. Throws UserError where the
 * registry is none with a sparse index.
 */
export async function readCratesUpstream(folder: string, environment: Environment): Promise<ProtocolUpstream | null> {
  const home = join(folder, 'cargo-home')
  await mkdir(home, { recursive: true })
  for (const name of ['config.toml', 'config']) await copyIfThere(join(cargoHome(environment), name), join(home, name))
  await writeFile(join(folder, 'Cargo.toml'), manifest)
  await writeFile(join(folder, 'lib.rs'), '')
  const said = await askCargo(folder, {
    ...environment,
    CARGO_HOME: home,
    CARGO_HTTP_PROXY: nowhere,
    CARGO_NET_RETRY: '0',
    CARGO_NET_OFFLINE: 'false',
    RUSTUP_AUTO_INSTALL: '0',
  })
  if (said === null) return null
  const registry = /failed to download from `(?<base>https?:\/\/[^`]*\/)config\.json`/.exec(said)?.groups?.base
  if (registry === undefined) {
    throw new UserError('cargo does not say where it gets its crates from', {
      mend: `set cargo up for a registry with a sparse index; it said: ${said.trim().split('\n').slice(-3).join(' ').slice(0, 300)}`,
    })
  }
  return {
    registries: [registry],
    certificates: await certificatesOf(environment),
    proxy: environment.CARGO_HTTP_PROXY ?? environment.HTTPS_PROXY ?? environment.https_proxy ?? null,
  }
}

export function cargoHome(environment: Environment): string {
  return environment.CARGO_HOME ?? join(environment.HOME ?? homedir(), '.cargo')
}

async function askCargo(folder: string, variables: Environment): Promise<string | null> {
  const result = await execa('cargo', ['generate-lockfile', '--color', 'never'], {
    cwd: folder,
    env: variables,
    extendEnv: false,
    reject: false,
    timeout: 60_000,
    stdin: 'ignore',
  })
  return result.code === 'ENOENT' ? null : result.stderr
}

async function copyIfThere(from: string, to: string): Promise<void> {
  await copyFile(from, to).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  })
}

/** Where cargo's own client looks where nothing is said: the system's certificates, which Node.js does not know. */
const systemBundles = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem']

async function certificatesOf(environment: Environment): Promise<string | null> {
  const file = environment.CARGO_HTTP_CAINFO ?? environment.SSL_CERT_FILE
  if (file === undefined || file === '') return systemCertificates()
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new UserError(`the certificates that cargo is told to trust can't be read: ${messageOf(error)}`, {
      mend: 'check CARGO_HTTP_CAINFO and SSL_CERT_FILE',
    })
  })
}

async function systemCertificates(): Promise<string | null> {
  for (const bundle of systemBundles) {
    const text = await readFile(bundle, 'utf8').catch(() => null)
    if (text !== null) return text
  }
  return null
}
