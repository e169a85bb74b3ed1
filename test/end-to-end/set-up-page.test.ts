import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type GitHubServer, startGitHub } from '../github/index.ts'
import { testDatabase } from '../postgres.ts'
import { type Program, startProgram } from '../program.ts'
import { installedBrowser, startBrowser } from './browser.ts'
import { quarry } from './sample.ts'

const projectFile = (name: string) => parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'))
const browser = installedBrowser()

let github: GitHubServer
let database: Awaited<ReturnType<typeof testDatabase>>
let folder: string | null = null
let server: Program | null = null
let address: string

beforeAll(async () => {
  github = await startGitHub()
  database = await testDatabase()
})

afterAll(async () => {
  await end()
  await github?.close()
  await database?.close()
})

/** A first start. */
async function begin(): Promise<void> {
  await end()
  folder = mkdtempSync(join(tmpdir(), 'quarry-set-up-page-'))
  mkdirSync(join(folder, 'home'))
  await serve()
}

async function end(): Promise<void> {
  await server?.kill()
  server = null
  if (folder !== null) rmSync(folder, { recursive: true, force: true })
}

const home = () => join(folder ?? '', 'home')
const file = () => join(home(), '.env')

/** Starts `quarry serve` anew, in a folder that is not the project's, as in production. */
async function serve(): Promise<{ readonly set_up: boolean }> {
  await server?.kill()
  const { PATH = '', HOME = '' } = process.env
  const { host } = new URL(github.url)
  const env = { PATH, HOME, NODE_ENV: 'production', GHE_HOST: host, GHE_PROTOCOL: 'http', HOST: '127.0.0.1', PORT: '0' }
  const data = { QUARRY_HOME: home(), DATABASE_URL: database.url }
  server = startProgram(['env', '-C', folder ?? '', quarry, 'serve', '--no-worker', '--json'], {
    env: { ...env, ...data },
  })
  const line = JSON.parse(`{"listening":${await server.heard('{"listening":')}`)
  address = line.listening
  return line
}

/** The form that takes the manifest to GitHub. */
async function formAt(path: string, headers: Record<string, string> = {}) {
  const page = await (await fetch(`${address}${path}`, { headers })).text()
  const entities: Record<string, string> = { quot: '"', amp: '&', '#39': "'", lt: '<', gt: '>' }
  const plain = (text = '') => text.replace(/&(quot|amp|#39|lt|gt);/g, (_, name: string) => entities[name] ?? '')
  const target = new URL(plain(/method="post" action="([^"]*)"/.exec(page)?.[1]))
  const manifest = JSON.parse(plain(/name="manifest" value="([^"]*)"/.exec(page)?.[1]))
  return { page, target, manifest }
}

const come = (code: string, state: string | null) => fetch(`${address}/probot/setup?code=${code}&state=${state}`)

async function isServed(): Promise<void> {
  expect(await serve()).toMatchObject({ set_up: false })
  const webhooks = `${address}/api/github/webhooks`
  const installation = github.addInstallation({ account: 'acme', type: 'Organization' })
  const payload = github.payloads.installation('created', installation)
  expect(await github.deliver('installation', payload, { to: webhooks })).toMatchObject({ statusCode: 202 })
}

describe('before the App is made', () => {
  beforeAll(begin)

  test('the manifest has what app.yml has, and this server\u2019s addresses', async () => {
    const { target, manifest } = await formAt('/probot')
    expect(`${target.origin}${target.pathname}`).toBe(`${github.url}/settings/apps/new`)
    expect(manifest).toEqual({
      ...projectFile('app.yml'),
      url: address,
      redirect_url: `${address}/probot/setup`,
      hook_attributes: { url: `${address}/api/github/webhooks`, active: true },
    })
  })

  test('an organisation, feedback, and the address that GitHub reaches can be chosen', async () => {
    const query = '?organization=acme&feedback=on&address=https%3A%2F%2Fquarry.example.org%2Fany'
    const { page, target, manifest } = await formAt(`/probot${query}`)
    expect(target.pathname).toBe('/organizations/acme/settings/apps/new')
    expect(manifest).toMatchObject({
      ...projectFile('app.feedback.yml'),
      redirect_url: `${address}/probot/setup`,
      hook_attributes: { url: 'https://quarry.example.org/api/github/webhooks' },
    })
    expect(page).not.toContain('id="unreachable"')
  })

  test('behind a proxy the addresses are the proxy\u2019s', async () => {
    const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'quarry.example.org' }
    expect((await formAt('/probot', forwarded)).manifest).toMatchObject({
      redirect_url: 'https://quarry.example.org/probot/setup',
      hook_attributes: { url: 'https://quarry.example.org/api/github/webhooks' },
    })
  })

  test('what a visitor gives is never part of the page\u2019s HTML', async () => {
    const headers = { 'x-forwarded-host': `a"><script>alert(1)</script>` }
    const query = `?organization=${encodeURIComponent('"><script>')}&address=${encodeURIComponent('javascript:alert(1)')}`
    expect((await formAt(`/probot${query}`, headers)).page).not.toMatch(/<script>|javascript:/)
  })

  test('a code from elsewhere is refused, and nothing is written', async () => {
    expect((await come(github.manifestCode, 'guessed')).status).toBe(400)
    expect((await fetch(`${address}/probot/setup?code=${github.manifestCode}`)).status).toBe(400)
    expect(existsSync(file())).toBe(false)
  })

  test('a code that GitHub does not know writes nothing, and the page can begin again', async () => {
    const { target } = await formAt('/probot')
    expect((await come('spent', target.searchParams.get('state'))).status).toBe(502)
    expect(existsSync(file())).toBe(false)
    expect((await formAt('/probot')).target.href).toBe(target.href)
  })

  test('the server lives, and is not ready', async () => {
    expect((await fetch(`${address}/healthz`)).status).toBe(200)
    expect((await fetch(`${address}/readyz`)).status).toBe(200)
    expect((await fetch(`${address}/v1/tasks`)).status).toBe(401)
    expect((await fetch(`${address}/metrics`)).status).toBe(200)
  })
})

test('the credentials are added to the file for its owner alone, once, and the next start serves the App', async () => {
  await begin()
  writeFileSync(file(), '# mine\nQUARRY_DISK_BUDGET=10GiB', { mode: 0o644 })
  const { target } = await formAt('/probot')
  const answer = await come(github.manifestCode, target.searchParams.get('state'))
  expect([answer.status, answer.headers.get('referrer-policy')]).toEqual([200, 'no-referrer'])
  const page = await answer.text()
  expect(page).toContain(file())
  expect(page).not.toContain(github.webhookSecret)
  expect(statSync(file()).mode & 0o777).toBe(0o600)
  expect(readFileSync(file(), 'utf8')).toMatch(/^# mine\nQUARRY_DISK_BUDGET=10GiB\n/)

  const asked = github.requests.length
  expect((await come(github.manifestCode, target.searchParams.get('state'))).status).toBe(200)
  expect(github.requests.length).toBe(asked)
  await isServed()
})

test.skipIf(browser === null)(
  `in a browser, from the first start to the App${browser === null ? ' (skipped: apt-get install chromium)' : ''}`,
  async () => {
    await begin()
    const opened = await startBrowser(browser ?? '')
    try {
      const page = await opened.newPage()
      const posted: string[] = []
      // GitHub's own page, which the person confirms.
      await page.route(`${github.url}/settings/apps/new**`, async (route) => {
        const form = new URLSearchParams(route.request().postData() ?? '')
        const manifest = JSON.parse(form.get('manifest') ?? 'null')
        posted.push(manifest)
        const state = new URL(route.request().url()).searchParams.get('state')
        const back = `${manifest.redirect_url}?code=${github.manifestCode}&state=${state}`
        await route.fulfill({ contentType: 'text/html', body: `<a href="${back.replace('&', '&amp;')}">Create</a>` })
      })
      await page.goto(address)
      expect(await page.locator('#permissions li').allTextContents()).toContain('contents: read')
      await page.getByRole('checkbox').check()
      await page.getByRole('button', { name: 'Use these' }).click()
      expect(await page.locator('#permissions li').allTextContents()).toContain('checks: write')
      await page.getByRole('button', { name: 'Register' }).click()
      await page.getByRole('link', { name: 'Create' }).click()
      expect(await page.locator('#file').textContent()).toBe(file())
      expect(await page.locator('#install').getAttribute('href')).toBe(`${github.url}/apps/quarry/installations/new`)
      expect(posted).toMatchObject([projectFile('app.feedback.yml')])
    } finally {
      await opened.close()
    }
    await isServed()
  },
)
