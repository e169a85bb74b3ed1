import { readFile } from 'node:fs/promises'
import { UserError } from '../errors.ts'
import type { InstallCredential } from './types.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads a file that says whose installs may use which registry's credential: a line each of owner, registry and the variable that
 * holds the token, parted by spaces; `#` begins a comment. Throws UserError with the line that is wrong.
 */
export async function readInstallCredentials(path: string, environment: Environment): Promise<InstallCredential[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UserError(`the file of install credentials ${path} can't be read`, {
      mend: 'correct or unset QUARRY_INSTALL_CREDENTIALS',
      cause,
    })
  })
  return text.split(/\r?\n/).flatMap((line, index) => {
    const fields = line.replace(/#.*/, '').trim()
    return fields === '' ? [] : [credentialOf(fields.split(/\s+/), `${path}:${index + 1}`, environment)]
  })
}

function credentialOf(fields: readonly string[], where: string, environment: Environment): InstallCredential {
  const [owner, registry, variable] = fields
  if (owner === undefined || registry === undefined || variable === undefined || fields.length > 3)
    throw new UserError(`${where} is not "owner registry variable"`, { mend: 'correct the line' })
  if (!URL.canParse(registry)) throw new UserError(`${where} names no registry's address`, { mend: 'correct the line' })
  const token = environment[variable]
  if (token === undefined || token === '')
    throw new UserError(`${where} names the variable ${variable}, which is not set`, { mend: `set ${variable}` })
  return { owner, registry: keyOf(registry), authorization: `Bearer ${token}` }
}

/** As npm writes it: the address without its protocol, ending in `/`. */
function keyOf(registry: string): string {
  const { host, pathname } = new URL(registry)
  return `//${host}${pathname.endsWith('/') ? pathname : `${pathname}/`}`
}

/** The operator's own npm credentials stand for every owner, but for registries that are bound to owners. */
export function boundCredentials(
  bound: readonly InstallCredential[],
  everyones: readonly Omit<InstallCredential, 'owner'>[],
): readonly InstallCredential[] {
  const slashed = (registry: string) => (registry.endsWith('/') ? registry : `${registry}/`)
  const taken = bound.map(({ registry }) => registry)
  const free = everyones.filter(({ registry }) => !taken.includes(slashed(registry)))
  return [...bound, ...free.map((each) => ({ ...each, owner: '*' }))]
}
