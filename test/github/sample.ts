import { execFileSync } from 'node:child_process'
import { sign } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder, makeRepository } from '../git/repository.ts'
import { type GitHubOptions, type GitHubServer, type Installation, type Repository, startGitHub } from './index.ts'
import { isObject, type Json, parseJson, textOf } from './json.ts'

/** A server with one installation and a private repository that has a merged pull and the issue it closes. */
export interface Sample {
  readonly github: GitHubServer
  readonly installation: Installation
  readonly repository: Repository
  readonly gitDir: string
  readonly mergeCommit: string
  readonly head: string
  close(): Promise<void>
}

let made: { readonly gitDir: string; readonly mergeCommit: string; readonly head: string } | null = null

/** Made once in a process, and only read by servers. */
function sampleRepository(): NonNullable<typeof made> {
  made ??= makeSampleRepository()
  return made
}

function makeSampleRepository(): NonNullable<typeof made> {
  const folder = makeFolder()
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const origin = makeRepository(join(folder, 'origin'))
  origin.commit('first', { 'a.txt': '1\n', '.github/quarry.yml': 'runs: 3\n', 'src/b.js': 'b\n' })
  const mergeCommit = origin.mergePull('fix', 'Merge pull request #7', [
    { message: 'mend\n\nwith reason', files: { 'a.txt': '2\n' } },
    { message: 'test', files: { 'test/a.test.js': 'it\n' } },
  ])
  const head = origin.git('rev-parse', 'fix')
  origin.git('branch', '-D', 'fix')
  origin.git('update-ref', 'refs/pull/7/head', head)
  const gitDir = join(folder, 'shop.git')
  execFileSync('git', ['clone', '--quiet', '--mirror', origin.folder, gitDir], { stdio: 'pipe' })
  return { gitDir, mergeCommit, head }
}

export async function makeSample(options: GitHubOptions = {}): Promise<Sample> {
  const { gitDir, mergeCommit, head } = sampleRepository()
  const github = await startGitHub(options)
  const installation = github.addInstallation({ account: 'acme' })
  const repository = github.addRepository({ installation, fullName: 'acme/shop', private: true, gitDir })
  addSampleThreads(github, repository, mergeCommit, head)
  return { github, installation, repository, gitDir, mergeCommit, head, close: github.close }
}

function addSampleThreads(github: GitHubServer, repository: Repository, mergeCommit: string, sha: string): void {
  github.addPull(repository, {
    number: 7,
    title: 'Mend the price',
    body: 'Fixes #3',
    createdAt: '2024-01-02T00:00:00Z',
    mergedAt: '2024-01-03T00:00:00Z',
    mergeCommit,
    head: { sha, ref: 'fix' },
    user: 'bob[bot]',
    labels: ['bug'],
    closes: [3],
  })
  github.addIssue(repository, {
    number: 3,
    title: 'The price is wrong',
    body: 'It is 2.',
    createdAt: '2024-01-01T00:00:00Z',
    labels: ['bug', 'shop'],
    comments: [{ user: 'cid', body: 'Same here', createdAt: '2024-01-01T01:00:00Z' }],
    bodyEdits: [
      { editedAt: '2024-01-01T00:00:00Z', diff: 'It is 1.' },
      { editedAt: '2024-01-04T00:00:00Z', diff: 'It is 2.' },
    ],
    renames: [{ at: '2024-01-02T00:00:00Z', from: 'Price', to: 'The price is wrong' }],
  })
}

/** The App's JSON web token, with other claims where a test wants them wrong. */
export function appToken(github: GitHubServer, claims: Readonly<Record<string, Json>> = {}): string {
  const now = Math.floor(Date.now() / 1000)
  const encoded = (value: Json) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const body = { iat: now - 30, exp: now + 300, iss: github.appId, ...claims }
  const text = `${encoded({ alg: 'RS256', typ: 'JWT' })}.${encoded(body)}`
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), github.privateKey).toString('base64url')}`
}

export interface Heard {
  readonly status: number
  readonly headers: Headers
  readonly body: Json
}

/** A request below `/api/v3`, or one to GraphQL where the body has a `query`. */
export async function ask(
  github: GitHubServer,
  path: string,
  token: string | null,
  init: RequestInit = {},
): Promise<Heard> {
  const headers = new Headers(init.headers)
  if (token !== null) headers.set('authorization', `Bearer ${token}`)
  const base = path === '/graphql' ? `${github.url}/api` : `${github.url}/api/v3`
  const response = await fetch(`${base}${path}`, { redirect: 'manual', ...init, headers })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? null : parseJson(text) }
}

export async function query(
  github: GitHubServer,
  token: string | null,
  text: string,
  variables: Json = {},
): Promise<Heard> {
  return await ask(github, '/graphql', token, { method: 'POST', body: JSON.stringify({ query: text, variables }) })
}

export async function installationToken(
  github: GitHubServer,
  installation: Installation,
  body: Json | null = null,
): Promise<string> {
  const init = { method: 'POST', ...(body === null ? {} : { body: JSON.stringify(body) }) }
  const { body: answer } = await ask(
    github,
    `/app/installations/${installation.id}/access_tokens`,
    appToken(github),
    init,
  )
  const token = isObject(answer) ? textOf(answer.token) : null
  if (token === null) throw new Error(`no token: ${JSON.stringify(answer)}`)
  return token
}
