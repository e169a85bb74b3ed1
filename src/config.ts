import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { UserError } from './errors.ts'

const units: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9, TB: 1e12, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 }

/** `40GiB` → bytes. */
const bytes = z
  .string()
  .regex(/^\d+(\.\d+)? ?(MB|GB|TB|MiB|GiB|TiB)$/, 'must be a size with its unit, e.g. 40GiB')
  .transform((size) => Math.round(Number.parseFloat(size) * (units[size.replace(/^[\d.]+ ?/, '')] ?? 1)))

const days = z
  .string()
  .regex(/^[1-9]\d{0,4}$/, 'must be a whole number of days, from 1 on')
  .transform(Number)
const databaseUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'must be a URL such as postgres://user@host/database' })
const folder = z.string().transform((path) => resolve(path))
const blobFolder = z
  .string()
  .refine((path) => !path.startsWith('s3://'), 'must be a folder: buckets are not supported by this version')
  .transform((path) => resolve(path))
const host = z.string().regex(/^[^/\s]+$/, 'must be a host name without https://')

/** Every variable that Quarry reads, with the line that the README has on it. Empty counts as not set. */
export const settings = z.object({
  DATABASE_URL: databaseUrl
    .optional()
    .describe('A Postgres server; without it Quarry runs its own under `QUARRY_HOME`'),
  QUARRY_HOME: folder
    .optional()
    .describe('The data folder: database, mirrors, layers, blobs; `$XDG_DATA_HOME/quarry` by default'),
  QUARRY_DISK_BUDGET: bytes.optional().describe('How much disk the data folder may take, e.g. `40GiB` (the default)'),
  QUARRY_LOG_DAYS: days.optional().describe('How many days the logs of refused candidates are kept; 30 by default'),
  QUARRY_SANDBOX: z
    .string()
    .optional()
    .describe('The sandbox that runs what repositories bring; `bubblewrap` by default'),
  QUARRY_BLOBS: blobFolder
    .optional()
    .describe('The folder for archives and logs; `blobs` in the data folder by default'),
  QUARRY_ROOTFS: folder.optional().describe("A system tree for the sandbox in place of the host's own `/usr`"),
  QUARRY_INSTALL_CREDENTIALS: folder
    .optional()
    .describe('A file whose lines bind npm credentials to owners: `owner registry variable`'),
  GHE_HOST: host.optional().describe('The host that `owner/name` alone is on; `github.com` by default'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .optional()
    .describe('What goes to the log on standard error: `error` and above by default'),
})

export interface Config {
  /** Null: Quarry's own Postgres under `home`. */
  readonly databaseUrl: string | null
  readonly home: string
  readonly diskBudgetBytes: number
  /** How long the logs of refused candidates are kept. */
  readonly logDays: number
  readonly sandbox: string
  readonly blobs: string
  readonly rootfs: string | null
  /** The file that binds registries' credentials to owners. */
  readonly installCredentials: string | null
  readonly logLevel: string
  /** The host that `owner/name` alone is on. */
  readonly forge: string
  /** The whole environment, for the operator's own npm configuration. */
  readonly environment: Environment
}

type Environment = Readonly<Record<string, string | undefined>>

/** Reads the environment. Throws UserError naming the first variable that is wrong, and the mend. */
export function readConfig(environment: Environment = process.env): Config {
  const given = parseSettings(environment)
  const home = given.QUARRY_HOME ?? defaultHome(environment)
  return {
    databaseUrl: given.DATABASE_URL ?? null,
    home,
    diskBudgetBytes: given.QUARRY_DISK_BUDGET ?? 40 * 2 ** 30,
    logDays: given.QUARRY_LOG_DAYS ?? 30,
    sandbox: given.QUARRY_SANDBOX ?? 'bubblewrap',
    blobs: given.QUARRY_BLOBS ?? join(home, 'blobs'),
    rootfs: given.QUARRY_ROOTFS ?? null,
    installCredentials: given.QUARRY_INSTALL_CREDENTIALS ?? null,
    logLevel: given.LOG_LEVEL ?? 'error',
    forge: given.GHE_HOST ?? 'github.com',
    environment,
  }
}

function parseSettings(environment: Environment): z.infer<typeof settings> {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const parsed = settings.safeParse(set)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const name = String(issue?.path[0])
  throw new UserError(`the environment variable ${name} ${wording(issue?.message)}`, {
    mend: `set ${name} as the table in README.md says, or unset it`,
  })
}

function wording(message = 'is wrong'): string {
  return message.startsWith('must') ? message : `is wrong: ${message}`
}

/** As the XDG base directory specification has it: a relative XDG_DATA_HOME is ignored. */
function defaultHome(environment: Environment): string {
  const data = environment.XDG_DATA_HOME
  return join(data?.startsWith('/') ? data : join(homedir(), '.local', 'share'), 'quarry')
}
