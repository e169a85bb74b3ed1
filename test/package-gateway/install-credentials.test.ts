import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { boundCredentials, readInstallCredentials } from '../../src/package-gateway/index.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credentials-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function read(text: string) {
  await writeFile(join(folder, 'file'), text)
  return readInstallCredentials(join(folder, 'file'), { TOKEN: 'secret', EMPTY: '' })
}

test('a line binds a registry’s token to an owner', async () => {
  expect(await read('# ours\nacme https://registry.test/npm TOKEN # all of it\n\n')).toEqual([
    { owner: 'acme', registry: '//registry.test/npm/', authorization: 'Bearer secret' },
  ])
})

test.each([
  'acme https://registry.test',
  'acme nowhere TOKEN',
  'acme https://registry.test NONE',
  'a https://r.test EMPTY',
])('%s is refused, with its line', async (line) => {
  await expect(read(`\n${line}`)).rejects.toThrow(/file:2/)
})

test('npm’s own credentials are everyone’s, but where the file binds their registry', async () => {
  const bound = await read('acme https://registry.test/npm TOKEN')
  const npm = [
    { registry: '//registry.test/npm/', authorization: 'Bearer mine' },
    { registry: '//other.test/', authorization: 'Bearer mine' },
  ]
  expect(boundCredentials(bound, npm)).toEqual([
    ...bound,
    { owner: '*', registry: '//other.test/', authorization: 'Bearer mine' },
  ])
})
