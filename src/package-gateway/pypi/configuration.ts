import { readFile } from 'node:fs/promises'
import { execa } from 'execa'
import { UserError } from '../../errors.ts'
import type { ProtocolUpstream } from '../protocol.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Ways to start pip, the likeliest to be the operator's first. */
const pips: readonly (readonly string[])[] = [['pip3'], ['pip'], ['python3', '-m', 'pip'], ['python', '-m', 'pip']]

/**
 * Where the operator's pip gets its packages from: what its files and variables say (`pip config list`), and, where they say nothing, the index
 * that its own help names. Null where the machine has no pip. Throws UserError where a file of certificates can't be read.
 */
export async function readPipConfiguration(folder: string, environment: Environment): Promise<ProtocolUpstream | null> {
  for (const pip of pips) {
    const listed = await output([...pip, 'config', 'list'], folder, environment)
    if (listed === null) continue
    const settings = readSettings(listed)
    const index =
      settings.get('index-url') ?? defaultIndex(await output([...pip, 'install', '--help'], folder, environment))
    if (index === null) return null
    const certificates = settings.get('cert')
    return {
      registries: [index, ...(settings.get('extra-index-url') ?? '').split(/\s+/)]
        .filter((address) => URL.canParse(address))
        .map(slashed),
      certificates: certificates === undefined ? null : await readCertificates(certificates),
      proxy: settings.get('proxy') ?? null,
    }
  }
  return null
}

/** `global.index-url='https://…'`, `:env:.cert='…'`, in the order in which later ones win; sections of single commands count as well. */
export function readSettings(listed: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const lines = [
    ...listed.matchAll(
      /^(?<section>:env:|global|install|download|site|user)\.(?<key>[\w-]+)=(?<quote>['"])(?<value>.*)\k<quote>$/gm,
    ),
  ]
  const rank = (section: string | undefined) =>
    ['global', 'site', 'user', 'download', 'install', ':env:'].indexOf(section ?? '')
  for (const { groups } of lines.toSorted((a, b) => rank(a.groups?.section) - rank(b.groups?.section)))
    if (groups?.key !== undefined) found.set(groups.key, (groups.value ?? '').replaceAll('\\n', ' ').trim())
  return found
}

function defaultIndex(help: string | null): string | null {
  const text = (help ?? '').replaceAll(/\s+/g, ' ')
  return /--index-url <url> .*?\(default (?<address>https?:[^)\s]+)\)/.exec(text)?.groups?.address ?? null
}

async function output(command: readonly string[], folder: string, environment: Environment): Promise<string | null> {
  const [program = '', ...given] = command
  const result = await execa(program, given, {
    cwd: folder,
    env: { ...environment, COLUMNS: '400' },
    extendEnv: false,
    reject: false,
    timeout: 30_000,
    maxBuffer: 4_000_000,
  })
  return result.failed ? null : result.stdout
}

function slashed(address: string): string {
  return address.endsWith('/') ? address : `${address}/`
}

async function readCertificates(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new UserError(`pip's certificates ${path} can't be read`, {
      mend: 'pip config set global.cert PATH',
      cause: error,
    })
  }
}
