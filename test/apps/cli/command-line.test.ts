import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const home = mkdtempSync(join(tmpdir(), 'quarry-cli-'))
const command = join(root, 'bin', 'quarry')
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** The command as the shell starts it, on a data folder of the test's own. */
function quarry(args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = root) {
  return execa(command, args, { cwd, reject: false, env: { QUARRY_HOME: home, ...env } })
}

describe('exit codes', () => {
  test('help is done, from any folder, on standard output', async () => {
    const { exitCode, stdout, stderr } = await quarry(['--help'], {}, tmpdir())
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toContain('quarry mine ../shop')
  })

  test.each([
    [[]],
    [['dig']],
    [['mine']],
    [['mine', 'shop', '--only', 'first']],
    [['mine', 'shop', '--since', 'yesterday']],
    [['mine', 'shop', '--concurrency', '0']],
    [['tasks', '--repository', 'shop']],
    [['candidates', '--reason', 'because']],
    [['task', 'acme__shop-1', '--patch', 'half']],
    [['grade', 'acme__shop-1']],
    [['export', 'swebench']],
  ])('wrong usage is 2, and says how: quarry %s', async (args) => {
    const { exitCode, stdout, stderr } = await quarry(args)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(/--help|Usage/)
  })

  test('a wrong setting is 2, and says the mend without a stack trace', async () => {
    const { exitCode, stderr } = await quarry(['migrate'], { QUARRY_DISK_BUDGET: 'much' })
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(/^error: .*QUARRY_DISK_BUDGET.*\nmend: .*QUARRY_DISK_BUDGET/)
    expect(stderr).not.toMatch(/^ +at /m)
  })

  test('a database that is not there is 2, too', async () => {
    const { exitCode, stderr } = await quarry(['migrate'], { DATABASE_URL: 'postgres://nobody@127.0.0.1:9/quarry' })
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(/DATABASE_URL.*\nmend: /)
  })

  test('a patch that is not there is 2', async () => {
    const { exitCode, stderr } = await quarry(['grade', 'acme__shop-1', '--patch', '/nonexistent.patch'])
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(/mend: /)
  })
})

test('--json writes one object a line, and nothing else, to standard output', async () => {
  const { exitCode, stdout } = await quarry(['migrate', '--json'])
  expect(exitCode).toBe(0)
  const objects = stdout.split('\n').map((line) => JSON.parse(line))
  expect(objects).toEqual([{ database: expect.any(String), migrations: expect.any(Array) }])
})

test('a reader that goes away ends the command quietly', async () => {
  const script = `"$0" --help | true; echo "\${PIPESTATUS[0]}"`
  const { stdout, stderr } = await execa('bash', ['-c', script, command], { env: { QUARRY_HOME: home } })
  expect({ stdout, stderr }).toEqual({ stdout: '0', stderr: '' })
})
