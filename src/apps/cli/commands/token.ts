import { InvalidArgumentError } from 'commander'
import { isScope, type Scope, scopeNames, scopes } from '../../../access/scopes.ts'
import { nearNames } from '../../near-names.ts'
import { date, words } from '../arguments.ts'
import type { Answer } from '../exit-codes.ts'
import type { Session } from '../session.ts'
import { examples } from './examples.ts'
import { jsonOption } from './json-option.ts'
import type { Register } from './types.ts'

interface CreateOptions {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly owner?: readonly string[]
  readonly expires?: Date
  readonly json?: boolean
}

export const registerToken: Register = (program, run) => {
  const token = program
    .command('token')
    .summary('tokens for the API')
    .description('Makes, lists and revokes the tokens that the HTTP API asks for.')
  token
    .command('create')
    .description('Makes a token and shows it, once: only its hash is kept.')
    .requiredOption('--name <name>', 'what it is for; the audit trail has it', tokenName)
    .requiredOption('--scopes <scopes>', `what it may do, with commas between: ${scopeNames.join(', ')}`, scopeList)
    .option('--owner <owner...>', 'only tasks of these accounts; without it those of every owner', ownerNames, [])
    .option(
      '--expires <duration|date>',
      'until when it holds, e.g. 90d or 2027-01-31; without it until it is revoked',
      expiry,
    )
    .option(...jsonOption)
    .addHelpText(
      'after',
      examples('quarry token create --name trainer --scopes tasks:read,grades:write --owner acme --expires 90d'),
    )
    .action((options: CreateOptions) => run(options, (session) => create(session, options)))
  token
    .command('list')
    .description(
      'Lists the tokens that were made: what each may do, when it was last used, and how often it was served.',
    )
    .option(...jsonOption)
    .addHelpText('after', examples('quarry token list'))
    .action((options: { json?: boolean }) => run(options, list))
  token
    .command('revoke')
    .description('Ends a token: the next request with it is refused.')
    .argument('<name>', 'the name that it was made with')
    .option(...jsonOption)
    .addHelpText('after', examples('quarry token revoke trainer'))
    .action((name: string, options: { json?: boolean }) => run(options, (session) => revoke(session, name)))
}

async function create({ output, progress, services }: Session, options: CreateOptions): Promise<Answer> {
  const owners = options.owner === undefined || options.owner.length === 0 ? null : options.owner
  const made = await services.createToken({
    ...{ name: options.name, scopes: options.scopes, owners },
    expiresAt: options.expires ?? null,
  })
  output.object(made)
  output.text(made.token)
  const reach = made.owners === null ? 'EVERY owner (--owner binds it to some)' : made.owners.join(', ')
  progress.doing(
    `it sees the tasks of ${reach}; it holds ${made.expires_at === null ? 'until it is revoked' : `until ${made.expires_at}`}`,
  )
  progress.doing('keep it now: it is not shown again')
  return 'done'
}

async function list({ output, services }: Session): Promise<Answer> {
  const tokens = await services.tokens()
  for (const token of tokens) output.object(token)
  output.table(
    ['name', 'state', 'scopes', 'owners', 'made', 'expires', 'last used', 'served'],
    tokens.map((token) => [
      token.name,
      token.state,
      token.scopes.join(' '),
      token.owners?.join(' ') ?? 'every owner',
      token.created_at,
      token.expires_at,
      token.last_used_at,
      token.servings,
    ]),
  )
  return 'done'
}

async function revoke({ output, services }: Session, name: string): Promise<Answer> {
  const revoked = await services.revokeToken(name)
  output.object(revoked)
  output.text(`${revoked.name} is revoked since ${revoked.revoked_at}`)
  return 'done'
}

function tokenName(value: string): string {
  if (!/^[\w.@-]{1,100}$/.test(value))
    throw new InvalidArgumentError('It must be 1 to 100 letters, digits and . _ - @.')
  return value
}

/** `tasks:read,grades:write`. */
function scopeList(value: string): Scope[] {
  const named = words(value)
  for (const name of named.filter((each) => !isScope(each))) {
    const near = nearNames(name, scopeNames)
    const hint = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : scopeLines()
    throw new InvalidArgumentError(`There is no scope ${name}. ${hint}`)
  }
  if (named.length === 0) throw new InvalidArgumentError(`Name at least one. ${scopeLines()}`)
  return [...new Set(named.filter(isScope))]
}

function scopeLines(): string {
  const lines = Object.entries(scopes).map(([name, what]) => `\n  ${name.padEnd(16)}${what}`)
  return `There are:${lines.join('')}`
}

/** Given again, or with commas between. */
function ownerNames(value: string, before: readonly string[]): string[] {
  const named = words(value)
  const wrong = named.find((name) => !/^[a-z\d](-?[a-z\d])*$/i.test(name))
  if (wrong !== undefined || named.length === 0)
    throw new InvalidArgumentError(
      `It must be the name of an account, e.g. acme${wrong?.includes('/') ? ', without a repository' : ''}.`,
    )
  return [...before, ...named]
}

const unitHours: Readonly<Record<string, number>> = { h: 1, d: 24, w: 7 * 24, y: 365 * 24 }

/** `90d`, `12h`, `2w`, `1y`, or a date: in the time to come. */
function expiry(value: string): Date {
  const [, count, unit = ''] = /^([1-9]\d{0,4})([hdwy])$/.exec(value) ?? []
  const at =
    count === undefined ? date(value) : new Date(Date.now() + Number(count) * (unitHours[unit] ?? 0) * 3600_000)
  if (at <= new Date()) throw new InvalidArgumentError('It must be in the time to come, e.g. 90d, 12h or a date.')
  if (at.getUTCFullYear() > 9999)
    throw new InvalidArgumentError('That is too far away: leave it out for a token that holds until it is revoked.')
  return at
}
