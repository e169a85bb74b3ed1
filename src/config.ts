import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
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
const count = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, 'must be a whole number from 1 on')
  .transform(Number)
const day = z.iso.date('must be a day such as 2024-05-01').transform((text) => new Date(text))
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
  QUARRY_AUDIT_DAYS: days.optional().describe('How many days it is kept which token was served what; 365 by default'),
  QUARRY_RUNS: count
    .optional()
    .describe('Runs of the whole suite in each state of a candidate; 3 by default, `--runs` has the last word'),
  QUARRY_REPEATS: count
    .optional()
    .describe('Runs of the FAIL_TO_PASS files alone in each state; 5 by default, `--repeats` has the last word'),
  QUARRY_SIGNAL_ATTEMPTS: count
    .optional()
    .describe('After how many attempts a task that was always, or never, solved is flagged so; 8 by default'),
  QUARRY_RATE_LIMIT: count
    .optional()
    .describe('Requests that a token may send to the API in a minute; 6000 by default'),
  QUARRY_RATE_LIMIT_FREQUENT: count
    .optional()
    .describe('The same for what every rollout asks several times: grades, leases, snapshots; 60000 by default'),
  QUARRY_BACKFILL_SINCE: day
    .optional()
    .describe('The day from which on merged pulls are backfilled, e.g. `2024-05-01`; all of them by default'),
  QUARRY_BACKFILL_PULLS: count
    .optional()
    .describe('How many merged pulls of a repository are backfilled at most, the newest; 20000 by default'),
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
  GHE_PROTOCOL: z.enum(['https', 'http']).optional().describe('How that host is spoken to; `https` by default'),
  GITHUB_TOKEN: z
    .string()
    .optional()
    .describe('A personal token, for the command line to read pulls from GitHub without an App'),
  APP_ID: z.string().regex(/^\d+$/, 'must be the number of the GitHub App').optional().describe('The GitHub App'),
  PRIVATE_KEY: z.string().optional().describe("The App's private key, PEM; line ends may be written as `\\n`"),
  PRIVATE_KEY_PATH: folder.optional().describe("A file with the App's private key"),
  WEBHOOK_SECRET: z.string().optional().describe('What GitHub signs its deliveries with'),
  HOST: z.string().optional().describe('The address that `quarry serve` listens on; `localhost` by default'),
  PORT: z.coerce.number().int().min(0).max(65_535).optional().describe('Its port; 3000 by default'),
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
  /** How long it is kept which token was served what. */
  readonly auditDays: number
  /** Requests that a token may send to the API in a minute. */
  readonly rateLimits: { readonly requests: number; readonly frequent: number }
  /** Runs of a candidate in each state: of the whole suite, and of the FAIL_TO_PASS files alone. */
  readonly runs: { readonly suite: number; readonly repeats: number }
  /** After so many attempts a task that was always, or never, solved says so. */
  readonly signalAttempts: number
  /** What a backfill is bounded by: the day it goes back to (null: to the first pull), and merged pulls of a repository. */
  readonly backfill: { readonly since: Date | null; readonly pulls: number }
  readonly sandbox: string
  readonly blobs: string
  readonly rootfs: string | null
  /** The file that binds registries' credentials to owners. */
  readonly installCredentials: string | null
  readonly logLevel: string
  /** The host that `owner/name` alone is on. */
  readonly forge: string
  readonly github: GitHubConfig
  readonly listen: { readonly host: string; readonly port: number }
  /** The whole environment, for the operator's own npm configuration. */
  readonly environment: Environment
}

export interface GitHubConfig {
  /** `https://github.com` */
  readonly webUrl: string
  /** `https://api.github.com`, or below the web's address on an Enterprise server. */
  readonly apiUrl: string
  readonly token: string | null
  readonly app: { readonly id: number; readonly privateKey: string; readonly webhookSecret: string } | null
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Reads the environment. Throws UserError naming the first variable that is wrong, and the mend. */
export function readConfig(environment: Environment = process.env): Config {
  const given = parseSettings(environment)
  const home = dataFolder(environment)
  return {
    databaseUrl: given.DATABASE_URL ?? null,
    home,
    diskBudgetBytes: given.QUARRY_DISK_BUDGET ?? 40 * 2 ** 30,
    logDays: given.QUARRY_LOG_DAYS ?? 30,
    auditDays: given.QUARRY_AUDIT_DAYS ?? 365,
    rateLimits: { requests: given.QUARRY_RATE_LIMIT ?? 6000, frequent: given.QUARRY_RATE_LIMIT_FREQUENT ?? 60_000 },
    runs: { suite: given.QUARRY_RUNS ?? 3, repeats: given.QUARRY_REPEATS ?? 5 },
    signalAttempts: given.QUARRY_SIGNAL_ATTEMPTS ?? 8,
    backfill: { since: given.QUARRY_BACKFILL_SINCE ?? null, pulls: given.QUARRY_BACKFILL_PULLS ?? 20_000 },
    sandbox: given.QUARRY_SANDBOX ?? 'bubblewrap',
    blobs: given.QUARRY_BLOBS ?? join(home, 'blobs'),
    rootfs: given.QUARRY_ROOTFS ?? null,
    installCredentials: given.QUARRY_INSTALL_CREDENTIALS ?? null,
    logLevel: given.LOG_LEVEL ?? 'error',
    forge: given.GHE_HOST ?? 'github.com',
    github: githubConfig(given),
    listen: { host: given.HOST ?? 'localhost', port: given.PORT ?? 3000 },
    environment,
  }
}

function githubConfig(given: z.infer<typeof settings>): GitHubConfig {
  const webUrl = `${given.GHE_PROTOCOL ?? 'https'}://${given.GHE_HOST ?? 'github.com'}`
  const apiUrl = given.GHE_HOST === undefined ? 'https://api.github.com' : `${webUrl}/api/v3`
  return { webUrl, apiUrl, token: given.GITHUB_TOKEN ?? null, app: appOf(given) }
}

function appOf(given: z.infer<typeof settings>): GitHubConfig['app'] {
  const { APP_ID: id, WEBHOOK_SECRET: webhookSecret } = given
  if (id === undefined) return null
  const privateKey = privateKeyOf(given)
  const missing = privateKey === null ? 'PRIVATE_KEY' : webhookSecret === undefined ? 'WEBHOOK_SECRET' : null
  if (missing !== null || privateKey === null || webhookSecret === undefined) {
    throw new UserError(`APP_ID is set, but ${missing} is not`, {
      mend: `set ${missing} as the App's settings page shows it, or unset APP_ID`,
    })
  }
  return { id: Number(id), privateKey, webhookSecret }
}

function privateKeyOf({ PRIVATE_KEY: text, PRIVATE_KEY_PATH: path }: z.infer<typeof settings>): string | null {
  const key = text?.replaceAll('\\n', '\n') ?? (path === undefined ? null : readKey(path))
  if (key === null) return null
  try {
    createPrivateKey(key)
    return key
  } catch (cause) {
    throw new UserError('PRIVATE_KEY is no private key in PEM form', {
      mend: "generate one on the App's settings page, and set PRIVATE_KEY_PATH to the file",
      cause,
    })
  }
}

function readKey(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new UserError(`PRIVATE_KEY_PATH: ${path} can't be read`, { mend: "give the path of the App's key", cause })
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

/** QUARRY_HOME, else as the XDG base directory specification has it: a relative XDG_DATA_HOME is ignored. */
export function dataFolder(environment: Environment): string {
  if (environment.QUARRY_HOME) return resolve(environment.QUARRY_HOME)
  const data = environment.XDG_DATA_HOME
  return join(data?.startsWith('/') ? data : join(homedir(), '.local', 'share'), 'quarry')
}
