import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addTasks } from '../../leases/scene.ts'
import { testDatabase } from '../../postgres.ts'

const home = mkdtempSync(join(tmpdir(), 'quarry-cli-'))
let database: Awaited<ReturnType<typeof testDatabase>>
beforeAll(async () => {
  database = await testDatabase()
  await addTasks(database.db, 'acme/shop', 3)
  await addTasks(database.db, 'acme/tool', 3)
})
afterAll(async () => {
  await database.close()
  rmSync(home, { recursive: true, force: true })
})

async function quarry(args: readonly string[], input?: string) {
  const { exitCode, stdout, stderr } = await execa(join(import.meta.dirname, '../../../bin/quarry'), args, {
    reject: false,
    env: { QUARRY_HOME: home, DATABASE_URL: database.url },
    ...(input === undefined ? {} : { input }),
  })
  return {
    exitCode,
    stderr,
    stdout,
    lines: stdout.startsWith('{') ? stdout.split('\n').map((line) => JSON.parse(line)) : [],
  }
}

test('a lease is taken, kept, given back and completed, with the words of the API', async () => {
  const take = ['lease', '--consumer', 'fresh', '--repository', 'acme/shop', '--json']
  const taken = await quarry([...take, '--count', '3', '--ttl', '600', '--attempts', '4'])
  expect(taken).toMatchObject({
    exitCode: 0,
    lines: [{ state: 'open', attempts: 4, tasks: [{ lease_state: 'leased' }, {}, {}] }],
  })
  const { lease } = taken.lines[0]
  expect(await quarry(take)).toMatchObject({ exitCode: 3, lines: [{ tasks: [] }] })
  expect(
    (await quarry(['lease', 'renew', lease, '--ttl', '7200', '--json'])).lines[0].expires_at >
      taken.lines[0].expires_at,
  ).toBe(true)
  await quarry(['lease', 'release', lease, '--tasks', 'acme__shop-2'])
  expect((await quarry(take)).lines[0].tasks).toMatchObject([{ task: 'acme__shop-2' }])
  expect((await quarry(['lease', 'complete', lease, '--json'])).lines[0]).toMatchObject({ state: 'ended' })
  expect(await quarry(['lease', 'renew', lease])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/mend: /),
  })
})

test('a list is one with commas between, as in every other command, and nothing left is told', async () => {
  const take = ['lease', '--consumer', 'lists', '--count', '9', '--repository', 'acme/shop,acme/tool', '--json']
  const taken = await quarry(take)
  expect(taken.lines[0].tasks).toHaveLength(6)
  const given = ['lease', 'release', taken.lines[0].lease, '--tasks', 'acme__shop-1,acme__shop-2', 'acme__tool-1']
  expect((await quarry(given)).exitCode).toBe(0)
  expect((await quarry(take)).lines[0].tasks).toHaveLength(3)
  expect(await quarry(take)).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining('no task matches that lists was not served before'),
  })
})

test.each([
  [['lease']],
  [['lease', '--consumer', 'x', '--count', '1001']],
  [['lease', '--consumer', 'x', '--ttl', '5']],
  [['lease', '--consumer', 'x', '--lines-min', 'many']],
  [['lease', '--consumer', 'x', '--without-flag', 'missing-befor']],
  [['lease', 'renew', 'nonsense']],
  [['outcome']],
  [['outcome', 'acme__shop-1', '--consumer', 'x', '--model', 'm']],
  [['outcome', 'acme__shop-1', '--consumer', 'x', '--model', 'm', '--solved', '--unsolved']],
  [['outcome', 'acme__shop-1', '--consumer', 'x', '--model', 'm', '--solved', '--tokens', 'some']],
  [['outcome', 'acme__shop-9', '--consumer', 'x', '--model', 'm', '--solved']],
  [['outcome', '--file', '/nonexistent.jsonl']],
  [['suspects', '--min-patches', '0']],
])('wrong input is 2, without a stack trace: quarry %s', async (args) => {
  const { exitCode, stdout, stderr } = await quarry(args)
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  expect(stderr).not.toMatch(/^ +at /m)
})

test('outcomes are told one by one, or as a file whose wrong line is named', async () => {
  const one = await quarry([
    'outcome',
    'acme__tool-1',
    '--consumer',
    'fresh',
    '--model',
    'm',
    '--solved',
    '--reward',
    '1',
    '--json',
  ])
  expect(one).toMatchObject({ exitCode: 0, lines: [{ stored: 1 }] })
  const line = (task: string) => JSON.stringify({ task, consumer: 'fresh', model: 'm', solved: false })
  const file = join(home, 'outcomes.jsonl')
  writeFileSync(file, `${line('acme__tool-1')}\n\n${line('acme__tool-2')}\n`)
  expect(await quarry(['outcome', '--file', file, '--json'])).toMatchObject({ exitCode: 0, lines: [{ stored: 2 }] })
  const wrong = await quarry(['outcome', '--file', '-'], `${line('acme__tool-1')}\n${line('acme__tool-9')}\n`)
  expect(wrong).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('line 2: task is not there') })
  expect(
    (await quarry(['lease', '--consumer', 'other', '--count', '9', '--solve-rate-max', '0.2', '--json'])).lines[0]
      .tasks,
  ).toMatchObject([{ task: 'acme__tool-2', solve_rate: { attempts: 1, solved: 0 } }])
  expect(await quarry(['suspects'])).toMatchObject({ exitCode: 0 })
})
