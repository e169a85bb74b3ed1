import { homedir } from 'node:os'
import { expect, test } from 'vitest'
import { readConfig } from '../src/config.ts'
import { UserError } from '../src/errors.ts'

test('nothing needs to be set', () => {
  expect(readConfig({})).toMatchObject({
    databaseUrl: null,
    home: `${homedir()}/.local/share/quarry`,
    blobs: `${homedir()}/.local/share/quarry/blobs`,
    sandbox: 'bubblewrap',
    installCredentials: null,
    logLevel: 'error',
    diskBudgetBytes: 40 * 2 ** 30,
  })
})

test('the data folder follows XDG_DATA_HOME where that is absolute, and QUARRY_HOME before it', () => {
  expect(readConfig({ XDG_DATA_HOME: '/data' }).home).toBe('/data/quarry')
  expect(readConfig({ XDG_DATA_HOME: 'data' }).home).toBe(`${homedir()}/.local/share/quarry`)
  expect(readConfig({ XDG_DATA_HOME: '/data', QUARRY_HOME: '/q' })).toMatchObject({ home: '/q', blobs: '/q/blobs' })
})

test('an empty variable counts as not set', () => {
  expect(readConfig({ DATABASE_URL: '', LOG_LEVEL: '' })).toMatchObject({ databaseUrl: null, logLevel: 'error' })
})

test.each([
  ['1GB', 1e9],
  ['1.5GiB', 1.5 * 2 ** 30],
  ['200 MiB', 200 * 2 ** 20],
])('a disk budget of %s is %d bytes', (budget, bytes) => {
  expect(readConfig({ QUARRY_DISK_BUDGET: budget }).diskBudgetBytes).toBe(bytes)
})

test('a backfill goes back to the first pull, and brings 20,000, unless it is told otherwise', () => {
  expect(readConfig({}).backfill).toEqual({ since: null, pulls: 20_000 })
  const bounded = readConfig({ QUARRY_BACKFILL_SINCE: '2024-05-01', QUARRY_BACKFILL_PULLS: '300' })
  expect(bounded.backfill).toEqual({ since: new Date('2024-05-01T00:00:00Z'), pulls: 300 })
})

test.each([
  ['DATABASE_URL', 'mysql://localhost/quarry'],
  ['DATABASE_URL', 'localhost'],
  ['QUARRY_DISK_BUDGET', '40'],
  ['QUARRY_BACKFILL_SINCE', 'May 2024'],
  ['QUARRY_BACKFILL_SINCE', '2024-02-30'],
  ['QUARRY_BACKFILL_PULLS', '0'],
  ['QUARRY_BLOBS', 's3://bucket/prefix'],
  ['GHE_HOST', 'https://git.example.org'],
  ['LOG_LEVEL', 'loud'],
])('%s=%s is refused by name, with a mend', (name, value) => {
  const read = () => readConfig({ [name]: value })
  expect(read).toThrow(UserError)
  expect(read).toThrow(name)
  expect(read).toThrow(expect.objectContaining({ mend: expect.stringContaining(name) }))
})

test('a key that only looks like one is refused before anything is begun', () => {
  const app = { APP_ID: '1', WEBHOOK_SECRET: 'secret', HOME: '/home/ann' }
  const pem = '-----BEGIN RSA PRIVATE KEY-----\nMII+/=\n-----END RSA PRIVATE KEY-----\n'
  for (const PRIVATE_KEY of [pem, 'rubbish'])
    expect(() => readConfig({ ...app, PRIVATE_KEY })).toThrow('PRIVATE_KEY is no private key in PEM form')
})
