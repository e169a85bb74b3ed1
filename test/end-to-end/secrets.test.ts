import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type GitHubServer, startGitHub } from '../github/index.ts'
import { testDatabase } from '../postgres.ts'
import { appVariables, mergeOn, samplePullLines } from './github-sample.ts'
import { fewestRuns, makeSample, quarry, type Sample } from './sample.ts'

const webhookSecret = 'the-secret-of-the-webhook'
const personalToken = 'ghp_thePersonalTokenOfTheOperator'

let sample: Sample
let github: GitHubServer
let database: Awaited<ReturnType<typeof testDatabase>>

beforeAll(async () => {
  sample = await makeSample()
  github = await startGitHub({ webhookSecret, personalToken })
  database = await testDatabase()
})

afterAll(async () => {
  await github?.close()
  await database?.close()
  await sample?.remove()
})

/** Names what is found: the secrets themselves stay out of the test's own output. */
function secretsIn(text: string): string[] {
  const pem = github.privateKey.split('\n').filter((line) => line.length > 40)
  const found: Readonly<Record<string, boolean>> = {
    PRIVATE_KEY: pem.some((line) => text.includes(line)),
    WEBHOOK_SECRET: text.includes(webhookSecret),
    GITHUB_TOKEN: text.includes(personalToken),
    'an installation token': /ghs_[0-9a-f]{8}/.test(text),
    'a token of the App': text.includes('eyJhbGciOi'),
    // `x-access-token:`, as git sends it.
    'an Authorization header': text.includes('eC1hY2Nlc3MtdG9rZW4'),
  }
  return Object.keys(found).filter((name) => found[name] === true)
}

/** What `ps` shows to everybody: the arguments of every process of this machine. */
function commandLines(): string[] {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return processes.map((pid) => readOf(`/proc/${pid}/cmdline`))
}

function readOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // The process is gone.
  }
}

/** Every row of every table, bytes as text. */
async function everyRow(): Promise<string> {
  const { rows: tables } = await database.db.execute<{ name: string }>(sql`
    select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`)
  const all: string[] = []
  for (const { name } of tables) {
    const { rows } = await database.db.execute<{ row: string }>(sql`select t::text as row from ${sql.raw(name)} t`)
    all.push(
      ...rows.map(({ row }) => row.replaceAll(/\\+x([0-9a-f]{16,})/g, (_, hex) => Buffer.from(hex, 'hex').toString())),
    )
  }
  return all.join('\n')
}

test('the secrets that are looked for are found where they are', () => {
  const header = `Basic ${Buffer.from('x-access-token:ghs_00112233').toString('base64')}`
  expect(
    secretsIn(`${github.privateKey} ${webhookSecret} ${personalToken} ghs_00112233 eyJhbGciOi ${header}`),
  ).toHaveLength(6)
})

/** Quarry with a log of every detail, and with all the arguments of the processes that there were. */
function watchQuarry(args: readonly string[], variables: Readonly<Record<string, string>>) {
  const { PATH = '', HOME = '' } = process.env
  const env = { PATH, HOME, ...variables, LOG_LEVEL: 'trace' as const }
  const child = spawn(quarry, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk
    })
  const seen = new Set<string>()
  const watch = setInterval(() => {
    for (const line of commandLines()) seen.add(line)
  }, 20)
  const listening = () => /"listening":"([^"]+)"/.exec(output)?.[1]
  return {
    output: () => output,
    commandLines: () => [...seen].join('\n'),
    async address(): Promise<string> {
      await expect.poll(listening, { timeout: 60_000 }).toBeDefined()
      return listening() ?? ''
    },
    async kill() {
      clearInterval(watch)
      child.kill('SIGKILL')
      await once(child, 'close')
    },
  }
}

const isVetted = async () =>
  (await database.db.execute(sql`select 1 from candidates where state = 'vetted'`)).rows.length

test('no secret is in a log of every detail, in a process\u2019s arguments, or in the database', async () => {
  const own = { GITHUB_TOKEN: personalToken, QUARRY_HOME: sample.home, DATABASE_URL: database.url }
  const server = watchQuarry(['serve', '--json', '--grace', '5'], { ...appVariables(github), ...fewestRuns, ...own })
  try {
    const to = `${await server.address()}/api/github/webhooks`
    const installation = github.addInstallation({ account: 'acme', type: 'Organization' })
    const repository = github.addRepository({ installation, fullName: 'acme/shop', gitDir: sample.path })
    const pull = samplePullLines(sample).get(2)
    if (pull === undefined) throw new Error('the sample has no pull 2')
    mergeOn(github, repository, pull)
    // Errors carry requests, and requests their headers.
    for (const kind of ['graphql', 'rest', 'git'] as const)
      github.failNext({ kind: '502', matching: (request) => request.kind === kind && request.installation !== null })
    const signature = { 'x-hub-signature-256': 'sha256=0', 'x-github-event': 'push', 'x-github-delivery': 'forged' }
    expect((await fetch(to, { method: 'POST', body: '{}', headers: signature })).status).toBe(401)
    await github.deliver('installation', github.payloads.installation('created', installation), { to })
    await expect.poll(isVetted, { timeout: 150_000, interval: 500 }).toBe(1)
    expect(github.requests.filter(({ status }) => status === 502)).not.toEqual([])
  } finally {
    await server.kill()
  }
  expect(server.output()).toMatch(/"level":(10|20)/)
  expect(server.commandLines()).toMatch(/\bgit\b/)
  expect(secretsIn(server.output())).toEqual([])
  expect(secretsIn(server.commandLines())).toEqual([])
  expect(secretsIn(await everyRow())).toEqual([])
}, 250_000)

test('the page that makes the App tells its log neither the credentials nor the code', async () => {
  const { GHE_HOST = '', GHE_PROTOCOL = '' } = appVariables(github)
  const home = `${sample.home}-new`
  const listen = { HOST: '127.0.0.1', PORT: '0' }
  const server = watchQuarry(['serve', '--json'], { GHE_HOST, GHE_PROTOCOL, ...listen, QUARRY_HOME: home })
  try {
    const address = await server.address()
    const state = /settings\/apps\/new\?state=(\w+)/.exec(await (await fetch(`${address}/probot`)).text())?.[1]
    const answer = await fetch(`${address}/probot/setup?code=${github.manifestCode}&state=${state}`)
    expect([answer.status, secretsIn(await answer.text())]).toEqual([200, []])
  } finally {
    await server.kill()
  }
  expect(secretsIn(readOf(`${home}/.env`))).toEqual(['PRIVATE_KEY', 'WEBHOOK_SECRET'])
  expect(secretsIn(server.output())).toEqual([])
  expect(server.output()).not.toContain(github.manifestCode)
})
