import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeFolder, makeRepository } from '../git/repository.ts'
import { installationToken, makeSample, type Sample } from './sample.ts'

let sample: Sample
let token: string

beforeEach(async () => {
  sample = await makeSample({ validate: false })
  token = await installationToken(sample.github, sample.installation)
})
afterEach(() => sample.close())

/** Not one of these may wait for the server in this very process, nor ask anybody for a password. */
async function git(...args: string[]): Promise<string> {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: 'true' }
  const { stdout } = await promisify(execFile)('git', args, { env, timeout: 60_000 })
  return stdout
}

const address = (credentials = '', name = 'shop') =>
  `${sample.github.url.replace('://', `://${credentials}`)}/acme/${name}.git`

it('a private repository is cloned with a token, pull heads and all', async () => {
  const folder = join(makeFolder(), 'clone')
  await git('clone', '--quiet', address(`x-access-token:${token}@`), folder)
  expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('2\n')
  await git('-C', folder, 'fetch', '--quiet', 'origin', 'refs/pull/7/head')
  expect((await git('-C', folder, 'rev-parse', 'FETCH_HEAD')).trim()).toBe(sample.head)
  expect(sample.github.requests.some(({ kind, installation }) => kind === 'git' && installation !== null)).toBe(true)
})

it('a private repository is not there for others', async () => {
  const { github, gitDir } = sample
  const other = github.addInstallation({ account: 'other' })
  github.addRepository({ installation: other, fullName: 'other/x', gitDir })
  const stranger = await installationToken(github, other)
  const status = async (authorization?: string) => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
    const response = await fetch(`${address()}/info/refs?service=git-upload-pack`, { headers })
    await response.arrayBuffer()
    return response.status
  }
  const basic = (password: string) => `Basic ${Buffer.from(`x-access-token:${password}`).toString('base64')}`
  expect(await status()).toBe(401)
  expect(await status(basic('ghs_wrong'))).toBe(401)
  expect(await status(basic(stranger))).toBe(404)
  expect(await status(basic(token))).toBe(200)
  await expect(git('ls-remote', address())).rejects.toThrow()
})

it('a public repository is read by anybody, by its former name too, and written by nobody', async () => {
  const { github, repository } = sample
  github.setPrivate(repository, false)
  github.renameRepository(repository, 'acme/store')
  expect(await git('ls-remote', address(), 'HEAD')).toContain(sample.mergeCommit)
  const folder = join(makeFolder(), 'clone')
  await git('clone', '--quiet', '--filter=blob:none', address('', 'store'), folder)
  makeRepository(folder).commit('mine', { 'c.txt': 'c\n' })
  await expect(git('-C', folder, 'push', address(`x-access-token:${token}@`, 'store'), 'HEAD:main')).rejects.toThrow(
    '403',
  )
})

it('a long negotiation comes through, which git sends compressed', async () => {
  const { github, installation } = sample
  const origin = makeRepository(join(makeFolder(), 'origin'))
  origin.commit('first')
  github.addRepository({ installation, fullName: 'acme/long', gitDir: join(origin.folder, '.git') })
  const folder = join(makeFolder(), 'clone')
  await git('clone', '--quiet', address('', 'long'), folder)
  const clone = makeRepository(folder)
  for (let n = 0; n < 40; n += 1) clone.commit(`local ${n}`)
  const next = origin.commit('next', { 'd.txt': 'd\n' })
  await git('-C', folder, 'fetch', '--quiet', 'origin')
  expect((await git('-C', folder, 'rev-parse', 'origin/main')).trim()).toBe(next)
})
