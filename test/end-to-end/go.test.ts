import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase } from '../postgres.ts'
import { jsonLines, runQuarry } from './sample.ts'

/** The release that this machine has, so that none is fetched; null: it has no Go. */
const release = (() => {
  try {
    return (
      /^go(?<version>1\.\d+(?:\.\d+)?)$/.exec(execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).trim())
        ?.groups?.version ?? null
    )
  } catch {
    return null
  }
})()
if (release === null) process.stderr.write('skipped: mining Go end to end, since this machine has no release of Go\n')

const marked = 'a constant of the fix alone'
const cart = (body: string) =>
  `package cart\n\nfunc Half(n int) int { return n / 2 }\n\nfunc Double(n int) int {\n\t${body}\n}\n`
const testOf = (name: string, body: string) =>
  `\nfunc ${name}(t *testing.T) {\n\tif ${body} {\n\t\tt.Fatal("wrong")\n\t}\n}\n`
const head = 'package cart\n\nimport "testing"\n'
const first = {
  'go.mod': `module shop.invalid/shop\n\ngo 1.16\n\ntoolchain go${release}\n`,
  'cart/cart.go': cart('return n + n + 1'),
  'cart/cart_test.go': head + testOf('TestHalf', 'Half(4) != 2'),
}
const fix = {
  'cart/cart.go': cart(`const note = "${marked}"\n\treturn n + n + len(note) - ${marked.length}`),
  'cart/cart_test.go': head + testOf('TestHalf', 'Half(4) != 2') + testOf('TestDouble', 'Double(2) != 4'),
}

describe.skipIf(release === null)('a repository in Go', () => {
  let folder: string
  let database: Awaited<ReturnType<typeof testDatabase>>
  let mined: Record<string, unknown>
  const quarry = (args: readonly string[], input?: string) =>
    runQuarry(args, { QUARRY_HOME: join(folder, 'home'), DATABASE_URL: database.url }, input)
  const grade = async (patch: string) =>
    jsonLines((await quarry(['grade', 'acme__shop-2', '--patch', '-', '--json'], patch)).stdout)[0]

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quarry-go-'))
    database = await testDatabase()
    const work = join(folder, 'shop')
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', work, '-c', 'user.name=Ada', '-c', 'user.email=ada@shop.invalid', ...args])
    const commit = (files: Readonly<Record<string, string>>, message: string) => {
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(work, path)), { recursive: true })
        writeFileSync(join(work, path), content)
      }
      git('add', '--all')
      git('commit', '--quiet', '--message', message)
    }
    mkdirSync(work)
    git('init', '--quiet', '--initial-branch=main')
    commit(first, 'Begin')
    commit(fix, 'Double exactly (#2)\n\nFixes #1')
    const { stdout, stderr } = await quarry(['mine', work, '--name', 'acme/shop', '--json', '--runs', '1'])
    mined = { ...jsonLines(stdout)[0], stderr }
  }, 300_000)

  afterAll(async () => {
    await database?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('becomes a task with just the tests that the fix mends', () => {
    expect(mined, String(mined.stderr)).toMatchObject({
      state: 'vetted',
      fail_to_pass: ['cart/cart_test.go > TestDouble'],
      pass_to_pass: 1,
    })
  })

  test('whose layer holds nothing that was compiled of its own packages', async () => {
    const { rows } = await database.db.execute<{ layer: string }>(
      sql`select layer from environments where state = 'built'`,
    )
    const layer = join(folder, 'home/layers', (rows[0]?.layer ?? '').replace('sha256:', ''))
    const files = readdirSync(layer, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name)))
    // The standard library was compiled, so the cache is the one that runs use.
    expect(texts.some((text) => text.includes('testing.(*T).Run'))).toBe(true)
    expect(texts.filter((text) => text.includes(marked) || text.includes('shop.invalid/shop/cart'))).toEqual([])
  })

  test('and is graded by its tests, whatever a patch says of them', async () => {
    const { stdout } = await quarry(['task', 'acme__shop-2', '--patch', 'fix'])
    expect(await grade(stdout)).toMatchObject({ verdict: 'resolved', reward: 1 })
    expect(await grade('')).toMatchObject({ verdict: 'unresolved', reward: 0, pass_to_pass: { passed: 1 } })
    const lines = [
      '=== RUN   TestDouble',
      '--- PASS: TestDouble (0.00s)',
      '=== RUN   TestHalf',
      '--- PASS: TestHalf (0.00s)',
      'PASS',
      '',
    ]
    const says = [
      'package cart',
      '',
      'import "os"',
      '',
      'func init() {',
      `\tos.Stdout.WriteString(${JSON.stringify(lines.join('\n'))})`,
      '\tos.Exit(0)',
      '}',
    ]
    const lying = `diff --git a/cart/says.go b/cart/says.go\nnew file mode 100644\n--- /dev/null\n+++ b/cart/says.go\n@@ -0,0 +1,${says.length} @@\n${says.map((line) => `+${line}\n`).join('')}`
    const emptied = `diff --git a/cart/cart_test.go b/cart/cart_test.go\n--- a/cart/cart_test.go\n+++ b/cart/cart_test.go\n@@ -1,9 +1,9 @@\n package cart\n \n import "testing"\n \n func TestHalf(t *testing.T) {\n-\tif Half(4) != 2 {\n+\tif false {\n \t\tt.Fatal("wrong")\n \t}\n }\n`
    for (const patch of [lying, emptied]) expect(await grade(patch)).toMatchObject({ verdict: 'unresolved', reward: 0 })
  })
})
