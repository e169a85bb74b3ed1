import { randomBytes } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Config } from '../../config.ts'
import { messageOf } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { addToEnvironmentFile, environmentFile } from '../environment-file.ts'
import { makeManifest } from './app-manifest.ts'
import { convertCode, type NewApp } from './convert-code.ts'
import { donePage, failedPage, manifestPage } from './set-up-page.ts'

interface SetUp {
  readonly config: Config
  readonly log: Log
  /** GitHub hands it back with the code, so that nobody else's code is taken. */
  readonly state: string
  /** Where the App is on GitHub, once it is made. */
  made: string | null
}

/**
 * The page that makes the App out of app.yml by GitHub's manifest flow, at the paths that Probot has for it. It writes the credentials to
 * `.env` in the data folder, for the next start.
 */
export function registerSetUp(web: FastifyInstance, config: Config, log: Log): void {
  const setUp: SetUp = { config, log, state: randomBytes(16).toString('hex'), made: null }
  web.get('/', (_request, reply) => reply.redirect('/probot'))
  web.get('/probot', (request, reply) => showManifest(request, reply, setUp))
  web.get('/probot/setup', (request, reply) => takeCode(request, reply, setUp))
}

const choices = z.object({
  // As GitHub names organisations.
  organization: z
    .string()
    .trim()
    .regex(/^[\w-]*$/)
    .catch(''),
  address: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .catch(null),
  feedback: z.literal('on').nullable().catch(null),
})

async function showManifest(request: FastifyRequest, reply: FastifyReply, setUp: SetUp): Promise<FastifyReply> {
  if (setUp.made !== null) return show(reply, 200, done(setUp, setUp.made))
  const given = choices.parse(request.query)
  const own = ownAddress(request)
  const address = given.address === null ? own : new URL(given.address).origin
  const feedback = given.feedback === 'on'
  const manifest = await makeManifest({ feedback, address, redirectUrl: `${own}/probot/setup` })
  const target = targetOf(setUp, given.organization)
  const unreachable = isLocal(new URL(address).hostname)
  return show(
    reply,
    200,
    manifestPage({ manifest, target, organization: given.organization, address, feedback, unreachable }),
  )
}

function targetOf({ config, state }: SetUp, organization: string): string {
  const owner = organization === '' ? '' : `/organizations/${organization}`
  return `${config.github.webUrl}${owner}/settings/apps/new?state=${state}`
}

/** As the browser sees this server: through a proxy, that one's address. */
function ownAddress({ headers, protocol, host }: FastifyRequest): string {
  const first = (name: string) =>
    String(headers[name] ?? '')
      .split(',')[0]
      ?.trim()
  const written = `${first('x-forwarded-proto') || protocol}://${first('x-forwarded-host') || host}`
  const address = z.url({ protocol: /^https?$/ }).safeParse(written)
  return new URL(address.success ? address.data : 'http://localhost').origin
}

function isLocal(host: string): boolean {
  return /^(localhost|.*\.localhost|127\..*|0\.0\.0\.0|\[::1?\])$/.test(host)
}

const redirect = z.object({ code: z.string().regex(/^[\w-]+$/), state: z.string() })

async function takeCode(request: FastifyRequest, reply: FastifyReply, setUp: SetUp): Promise<FastifyReply> {
  if (setUp.made !== null) return show(reply, 200, done(setUp, setUp.made))
  const given = redirect.safeParse(request.query)
  if (!given.success || given.data.state !== setUp.state) {
    const mend = 'GitHub sends you here once you have confirmed the App, and only while this server runs.'
    return show(reply, 400, failedPage('This address lacks the code of an App that was begun here.', mend))
  }
  try {
    const app = await convertCode(setUp.config.github, given.data.code, setUp.log)
    keep(setUp, app)
    return show(reply, 200, done(setUp, app.html_url))
  } catch (error) {
    setUp.log.error({ error: messageOf(error) }, 'the App was not made')
    const mend = `Is ${setUp.config.github.apiUrl} reachable, and less than an hour gone since GitHub sent you here?`
    return show(reply, 502, failedPage('GitHub did not give the credentials, or they could not be written.', mend))
  }
}

function keep(setUp: SetUp, app: NewApp): void {
  addToEnvironmentFile(setUp.config.home, `The GitHub App ${app.html_url}`, {
    APP_ID: String(app.id),
    PRIVATE_KEY: app.pem,
    WEBHOOK_SECRET: app.webhook_secret,
  })
  setUp.made = app.html_url
  setUp.log.info({ app: app.id, file: environmentFile(setUp.config.home) }, 'the App is made; start again to serve it')
}

function done({ config }: SetUp, appUrl: string): string {
  return donePage(environmentFile(config.home), appUrl)
}

/** No scripts, no frames; the code that stands in the address goes to nobody. */
function show(reply: FastifyReply, status: number, page: string): FastifyReply {
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
    .header('referrer-policy', 'no-referrer')
    .header('cache-control', 'no-store')
    .send(page)
}
