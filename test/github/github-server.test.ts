import { generateKeyPairSync } from 'node:crypto'
import { Octokit } from '@octokit/rest'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isObject } from './json.ts'
import { appToken, ask, installationToken, makeSample, type Sample } from './sample.ts'

let sample: Sample
let token: string

beforeEach(async () => {
  sample = await makeSample()
  token = await installationToken(sample.github, sample.installation)
})
afterEach(() => sample.close())

const asInstallation = (path: string, init?: RequestInit) => ask(sample.github, path, token, init)
const asApp = (path: string, init?: RequestInit) => ask(sample.github, path, appToken(sample.github), init)
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const octokit = () => new Octokit({ baseUrl: `${sample.github.url}/api/v3`, auth: token, log: silent })
const spoken = () => expect(sample.github.problems).toEqual([])

describe('the App', () => {
  it('is known by its JSON web token', async () => {
    expect(await asApp('/app')).toMatchObject({ status: 200, body: { id: sample.github.appId } })
    expect(await asApp('/app/installations')).toMatchObject({
      body: [{ id: sample.installation.id, account: { login: 'acme', type: 'Organization' } }],
    })
    spoken()
  })

  const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds
  it.each([
    ['of another App', () => ({ iss: 1 })],
    ['that expired', () => ({ exp: inSeconds(-1) })],
    ['that lives too long', () => ({ exp: inSeconds(3_600) })],
    ['that never expires', () => ({ exp: null })],
    ['of the future', () => ({ iat: inSeconds(600) })],
  ])('is refused with a token %s', async (_, claims) => {
    expect((await ask(sample.github, '/app', appToken(sample.github, claims()))).status).toBe(401)
  })

  it('is refused with a token that another key signed', async () => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    expect((await ask(sample.github, '/app', appToken({ ...sample.github, privateKey }))).status).toBe(401)
    expect((await asInstallation('/app')).status).toBe(401)
  })

  it('is served at the top as well, as on api.github.com', async () => {
    const { github, repository } = sample
    github.renameRepository(repository, 'acme/store')
    const { rest, graphql } = new Octokit({ baseUrl: github.url, auth: token })
    expect((await rest.repos.get({ owner: 'acme', repo: 'shop' })).data.full_name).toBe('acme/store')
    expect(await graphql('{ viewer { login } }')).toEqual({ viewer: { login: 'quarry' } })
    spoken()
  })

  it('is made from a manifest', async () => {
    const { github } = sample
    const made = await ask(github, `/app-manifests/${github.manifestCode}/conversions`, null, { method: 'POST' })
    expect(made).toMatchObject({ status: 201, body: { id: github.appId, pem: github.privateKey } })
    spoken()
  })
})

describe('an installation', () => {
  it('lists its repositories, page by page', async () => {
    for (const name of ['a', 'b', 'c'])
      sample.github.addRepository({
        installation: sample.installation,
        fullName: `acme/${name}`,
        gitDir: sample.gitDir,
      })
    const found = await octokit().paginate('GET /installation/repositories', { per_page: 2 })
    expect(found.map(({ full_name }) => full_name)).toEqual(['acme/shop', 'acme/a', 'acme/b', 'acme/c'])
    expect(sample.github.requests.filter(({ kind }) => kind === 'rest')).toHaveLength(2)
    spoken()
  })

  it('sees of private repositories only its own', async () => {
    const { github, gitDir } = sample
    const other = github.addInstallation({ account: 'other' })
    const hidden = github.addRepository({ installation: other, fullName: 'other/hidden', private: true, gitDir })
    expect((await asInstallation('/repos/other/hidden')).status).toBe(404)
    expect((await asInstallation(`/repositories/${hidden.id}`)).status).toBe(404)
    expect((await ask(github, '/repos/acme/shop', github.personalToken)).status).toBe(404)
    github.setPrivate(hidden, false)
    expect((await asInstallation('/repos/other/hidden')).status).toBe(200)
    expect((await ask(github, '/repos/other/hidden', github.personalToken)).status).toBe(200)
    spoken()
  })

  it('may have a token for a part of it', async () => {
    const { github, installation, gitDir } = sample
    github.addRepository({ installation, fullName: 'acme/tools', private: true, gitDir })
    const narrow = await installationToken(github, installation, { repositories: ['tools'] })
    expect((await ask(github, '/repos/acme/shop', narrow)).status).toBe(404)
    expect((await ask(github, '/repos/acme/tools', narrow)).status).toBe(200)
    const reader = await installationToken(github, installation, { permissions: { metadata: 'read' } })
    expect((await ask(github, '/repos/acme/shop/pulls/7', reader)).status).toBe(403)
    spoken()
  })

  it('is shut out when its token expires, when it is suspended, and when it is deleted', async () => {
    const { github, installation } = sample
    github.suspendInstallation(installation)
    expect((await asInstallation('/repos/acme/shop')).status).toBe(403)
    await expect(installationToken(github, installation)).rejects.toThrow('suspended')
    github.suspendInstallation(installation, false)
    expect((await asInstallation('/repos/acme/shop')).status).toBe(200)
    github.expireTokens()
    expect((await asInstallation('/repos/acme/shop')).status).toBe(401)
    github.deleteInstallation(installation)
    await expect(installationToken(github, installation)).rejects.toThrow('Not Found')
    spoken()
  })
})

describe('a repository', () => {
  it('is found by its former name until another has it', async () => {
    const { github, repository, installation, gitDir } = sample
    github.renameRepository(repository, 'acme/store')
    const moved = await asInstallation('/repos/acme/shop/pulls/7')
    expect(moved.status).toBe(301)
    expect(moved.headers.get('location')).toBe(`${github.url}/api/v3/repositories/${repository.id}/pulls/7`)
    expect((await octokit().rest.pulls.get({ owner: 'acme', repo: 'shop', pull_number: 7 })).data.number).toBe(7)
    const next = github.addRepository({ installation, fullName: 'acme/shop', gitDir })
    expect(await asInstallation('/repos/acme/shop')).toMatchObject({ body: { id: next.id } })
    github.deleteRepository(next)
    expect((await asInstallation('/repos/acme/shop')).status).toBe(404)
    spoken()
  })

  it('shows its files', async () => {
    const { rest } = octokit()
    const at = { owner: 'acme', repo: 'shop' }
    const file = await rest.repos.getContent({ ...at, path: '.github/quarry.yml' })
    const content = isObject(file.data) && 'content' in file.data ? file.data.content : null
    expect(Buffer.from(String(content), 'base64').toString()).toBe('runs: 3\n')
    const raw = await rest.repos.getContent({ ...at, path: '.github/quarry.yml', mediaType: { format: 'raw' } })
    expect([raw.data, raw.headers['content-type']]).toEqual(['runs: 3\n', expect.stringMatching(/raw/)])
    const root = await rest.repos.getContent({ ...at, path: '', ref: 'main~1' })
    const entries = Array.isArray(root.data) ? root.data.map(({ name, type }) => [name, type]) : []
    expect(entries).toEqual([
      ['.github', 'dir'],
      ['a.txt', 'file'],
      ['src', 'dir'],
    ])
    expect((await asInstallation('/repos/acme/shop/contents/none')).status).toBe(404)
    spoken()
  })

  it('tells what a person may do there', async () => {
    sample.github.setCollaborator(sample.repository, 'ann', 'admin')
    const asked = await asInstallation('/repos/acme/shop/collaborators/ann/permission')
    expect(asked).toMatchObject({ body: { permission: 'admin', user: { login: 'ann' } } })
    expect(await asInstallation('/repos/acme/shop/collaborators/bob/permission')).toMatchObject({
      body: { permission: 'none' },
    })
    spoken()
  })

  it('shows a pull with its files and commits', async () => {
    const { rest } = octokit()
    const at = { owner: 'acme', repo: 'shop', pull_number: 7 }
    const pull = await rest.pulls.get(at)
    expect(pull.data).toMatchObject({
      merged: true,
      merge_commit_sha: sample.mergeCommit,
      commits: 2,
      changed_files: 2,
      user: { login: 'bob[bot]', type: 'Bot' },
      head: { sha: sample.head, ref: 'fix' },
    })
    expect((await rest.pulls.listFiles(at)).data).toMatchObject([
      { filename: 'a.txt', status: 'modified', patch: '@@ -1 +1 @@\n-1\n+2' },
      { filename: 'test/a.test.js', status: 'added', additions: 1 },
    ])
    expect((await rest.pulls.listCommits(at)).data.map(({ commit }) => commit.message)).toEqual([
      'mend\n\nwith reason',
      'test',
    ])
    spoken()
  })

  it('takes check runs where the installation may write them', async () => {
    const { rest } = octokit()
    const at = { owner: 'acme', repo: 'shop' }
    const made = await rest.checks.create({ ...at, name: 'quarry', head_sha: sample.head, status: 'in_progress' })
    const output = { title: 'Mined', summary: 'One task' }
    await rest.checks.update({ ...at, check_run_id: made.data.id, conclusion: 'success', output })
    expect(sample.github.checkRuns[0]?.shown).toMatchObject({ status: 'completed', conclusion: 'success', output })
    spoken()
    sample.github.setPermissions(sample.installation, { metadata: 'read', contents: 'read' })
    token = await installationToken(sample.github, sample.installation)
    const refused = octokit().rest.checks.create({ ...at, name: 'quarry', head_sha: sample.head })
    await expect(refused).rejects.toThrow('Resource not accessible by integration')
  })
})

describe('what goes against GitHub’s description is told', () => {
  it('an answer that lost a field', async () => {
    sample.github.tamper((operation, body) => {
      if (operation !== 'GET /repos/{owner}/{repo}' || !isObject(body)) return body
      const { full_name, ...rest } = body
      return { ...rest, private: 'yes' }
    })
    await asInstallation('/repos/acme/shop')
    expect(sample.github.problems).toEqual([
      "answer GET /repos/{owner}/{repo} (200): it must have required property 'full_name'",
      'answer GET /repos/{owner}/{repo} (200): /private must be boolean',
    ])
  })

  it('an address, a parameter and a body that it does not know', async () => {
    await asInstallation('/repos/acme/shop/merged-pulls')
    await asInstallation('/repos/acme/shop/stargazers')
    await asInstallation('/repos/acme/shop/pulls/7/files?size=9')
    const wrong = { method: 'POST', body: JSON.stringify({ name: 'quarry' }) }
    expect((await asInstallation('/repos/acme/shop/check-runs', wrong)).status).toBe(422)
    expect(sample.github.problems).toEqual([
      'GET /repos/acme/shop/merged-pulls: GitHub has no such operation',
      'GET /repos/acme/shop/stargazers: GitHub has it, this server not',
      'request GET /repos/{owner}/{repo}/pulls/{pull_number}/files: GitHub knows no parameter size',
      "request POST /repos/{owner}/{repo}/check-runs: it must have required property 'head_sha'",
    ])
  })
})
