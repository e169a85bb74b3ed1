import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { addToEnvironmentFile, environmentFile, withEnvironmentFile } from '../../src/apps/environment-file.ts'
import { readConfig } from '../../src/config.ts'
import { UserError } from '../../src/errors.ts'

let home: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'quarry-environment-file-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const { privateKey: key } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
})

test('what was written is read at the next start, the key with its lines', () => {
  addToEnvironmentFile(home, 'an App', { APP_ID: '42', PRIVATE_KEY: key, WEBHOOK_SECRET: "a#b$c\\d'e" })
  expect(readConfig(withEnvironmentFile({ QUARRY_HOME: home }))).toMatchObject({
    home,
    github: { app: { id: 42, privateKey: key.trim(), webhookSecret: "a#b$c\\d'e" } },
  })
  expect(statSync(environmentFile(home)).mode & 0o777).toBe(0o600)
})

test('the data folder may be made by this, and what is written later wins', () => {
  const later = join(home, 'not/there/yet')
  addToEnvironmentFile(later, 'one', { PORT: '1' })
  addToEnvironmentFile(later, 'two', { PORT: '2' })
  expect(withEnvironmentFile({ QUARRY_HOME: later })).toMatchObject({ PORT: '2' })
})

test('the environment wins, and an empty variable of it is not set', () => {
  writeFileSync(environmentFile(home), 'PORT=1\nHOST=filed\nQUARRY_HOME=/elsewhere\n')
  expect(withEnvironmentFile({ QUARRY_HOME: home, PORT: '2', HOST: '' })).toEqual({
    ...{ QUARRY_HOME: home, PORT: '2', HOST: 'filed' },
  })
})

test('a key of the environment takes the place of the file\u2019s, under either name', () => {
  addToEnvironmentFile(home, 'an App', { PRIVATE_KEY: key, PRIVATE_KEY_PATH: '/filed.pem' })
  const given = withEnvironmentFile({ QUARRY_HOME: home, PRIVATE_KEY_PATH: '/given.pem' })
  expect([given.PRIVATE_KEY, given.PRIVATE_KEY_PATH]).toEqual([undefined, '/given.pem'])
})

test('no file is none; one that can\u2019t be read is said by its name', () => {
  expect(withEnvironmentFile({ QUARRY_HOME: home, PORT: '2' })).toEqual({ QUARRY_HOME: home, PORT: '2' })
  mkdirSync(environmentFile(home))
  const read = () => withEnvironmentFile({ QUARRY_HOME: home })
  expect(read).toThrow(UserError)
  expect(read).toThrow(environmentFile(home))
})
