import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readAuthorizations, readNpmConfiguration } from '../../src/package-gateway/index.ts'

test('registries, scopes and credentials are read as npm reads them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gw-test-'))
  const userconfig = join(folder, 'npmrc')
  await writeFile(
    userconfig,
    'registry=http://127.0.0.1:1/npm\n@acme:registry=http://127.0.0.1:2/\n//127.0.0.1:2/:_authToken=${ACME_TOKEN}\n',
  )
  const environment = { PATH: process.env.PATH, HOME: folder, NPM_CONFIG_USERCONFIG: userconfig, ACME_TOKEN: 'secret' }
  const { upstream, authorizations } = await readNpmConfiguration(folder, environment)
  expect(upstream.registry).toBe('http://127.0.0.1:1/npm/')
  expect([...upstream.scopes]).toEqual([['@acme', 'http://127.0.0.1:2/']])
  expect(authorizations).toEqual([{ registry: '//127.0.0.1:2/', authorization: 'Bearer secret' }])
  await rm(folder, { recursive: true })
})

test('each of npm’s kinds of credential becomes a header', () => {
  const password = Buffer.from('pass').toString('base64')
  const text = `//a.example/:_authToken=t\n//b.example/npm/:_auth=eA==\n//c.example/:username=me\n//c.example/:_password="${password}"\n//d.example/:username=alone\n`
  expect(readAuthorizations(text, {})).toEqual([
    { registry: '//a.example/', authorization: 'Bearer t' },
    { registry: '//b.example/npm/', authorization: 'Basic eA==' },
    { registry: '//c.example/', authorization: `Basic ${Buffer.from('me:pass').toString('base64')}` },
  ])
})
