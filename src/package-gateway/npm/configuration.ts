import { readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { execa } from 'execa'
import { z } from 'zod'
import { messageOf, UserError } from '../../errors.ts'
import type { InstallCredential } from '../types.ts'
import type { NpmUpstream } from './types.ts'

export interface NpmConfiguration {
  readonly upstream: NpmUpstream
  /** What the operator's npmrc files hold, not yet bound to an owner. */
  readonly authorizations: readonly Omit<InstallCredential, 'owner'>[]
}

const listing = z.looseObject({
  registry: z.url(),
  cafile: z.string().nullish(),
  'https-proxy': z.string().nullish(),
  proxy: z.string().nullish(),
  userconfig: z.string(),
  globalconfig: z.string(),
})

/**
 * Reads the operator's npm configuration as npm itself understands it: registries, certificates, proxy; and the credentials of
 * its npmrc files, which npm does not print. `folder` must hold no npmrc of its own; `environment` is the operator's.
 * Throws UserError where npm does not run or names files that can't be read.
 */
export async function readNpmConfiguration(
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<NpmConfiguration> {
  const listed = listing.parse(JSON.parse(await listConfiguration(folder, environment)))
  const scopes = Object.entries(listed).flatMap(([key, value]) => {
    const scope = /^(?<scope>@[^:]+):registry$/.exec(key)?.groups?.scope
    return scope === undefined || typeof value !== 'string' ? [] : [[scope, slashed(value)] as const]
  })
  return {
    upstream: {
      registry: slashed(listed.registry),
      scopes: new Map(scopes),
      certificates: listed.cafile ? await readCertificates(listed.cafile) : null,
      proxy: (listed['https-proxy'] || listed.proxy) ?? null,
    },
    authorizations: [
      ...readAuthorizations(await readIfThere(listed.userconfig), environment),
      ...readAuthorizations(await readIfThere(listed.globalconfig), environment),
    ],
  }
}

async function listConfiguration(
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  try {
    const { stdout } = await execa('npm', ['config', 'list', '--long', '--json'], {
      cwd: folder,
      env: { ...environment, PATH: withoutProjectBins(environment.PATH ?? '') },
      extendEnv: false,
      timeout: 30_000,
      maxBuffer: 4_000_000,
    })
    return stdout
  } catch (error) {
    throw new UserError(`npm does not tell its configuration: ${messageOf(error)}`, {
      mend: 'install npm',
      cause: error,
    })
  }
}

/** npm finds its global configuration beside the node that runs it: that must be the machine's, not the one in node_modules. */
function withoutProjectBins(path: string): string {
  return path
    .split(delimiter)
    .filter((folder) => !folder.endsWith(join('node_modules', '.bin')))
    .join(delimiter)
}

/**
 * The credentials of an npmrc file: `//host/path/:_authToken=…`, `:_auth=…`, or `:username=…` with `:_password=…` (base64), as
 * npm's documentation of npmrc has them; `${NAME}` stands for a variable.
 */
export function readAuthorizations(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): readonly Omit<InstallCredential, 'owner'>[] {
  const fields = new Map<string, Map<string, string>>()
  for (const line of text.split(/\r?\n/)) {
    const found =
      /^\s*(?<registry>\/\/[^=\s]+?):(?<key>_authToken|_auth|username|_password)\s*=\s*(?<value>.*?)\s*$/.exec(line)
    const { registry, key, value } = found?.groups ?? {}
    if (registry === undefined || key === undefined || value === undefined) continue
    const known = fields.get(registry) ?? new Map<string, string>()
    known.set(key, expand(value.replace(/^"(.*)"$/, '$1'), environment))
    fields.set(registry, known)
  }
  return [...fields].flatMap(([registry, values]) => {
    const authorization = authorizationOf(values)
    return authorization === null ? [] : [{ registry, authorization }]
  })
}

function authorizationOf(values: ReadonlyMap<string, string>): string | null {
  const token = values.get('_authToken')
  if (token !== undefined) return `Bearer ${token}`
  const basic = values.get('_auth')
  if (basic !== undefined) return `Basic ${basic}`
  const name = values.get('username')
  const password = values.get('_password')
  if (name === undefined || password === undefined) return null
  return `Basic ${Buffer.from(`${name}:${Buffer.from(password, 'base64').toString()}`).toString('base64')}`
}

function expand(value: string, environment: Readonly<Record<string, string | undefined>>): string {
  return value.replace(/\$\{(?<name>[^}]+)\}/g, (whole, name: string) => environment[name] ?? whole)
}

function slashed(address: string): string {
  return address.endsWith('/') ? address : `${address}/`
}

async function readCertificates(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new UserError(`npm's cafile ${path} can't be read`, { mend: 'npm config set cafile PATH', cause: error })
  }
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw new UserError(`npm's configuration ${path} can't be read`, { cause: error })
  }
}
