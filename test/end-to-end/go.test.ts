import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tell } from '../tell.ts'
import { added, makeSmallRepository, type SmallRepository } from './small-repository.ts'

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
if (release === null) tell('this machine has no release of Go: a Go repository is not tested')

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
  let repository: SmallRepository
  let mined: Awaited<ReturnType<SmallRepository['mine']>>

  beforeAll(async () => {
    repository = await makeSmallRepository('shop', first, fix)
    mined = await repository.mine()
  }, 300_000)
  afterAll(() => repository?.remove())

  test('becomes a task with just the tests that the fix mends', () => {
    expect(mined.line, mined.told).toMatchObject({
      state: 'vetted',
      fail_to_pass: ['cart/cart_test.go > TestDouble'],
      pass_to_pass: 1,
    })
  })

  test('whose layer holds nothing that was compiled of its own packages', async () => {
    const { rows } = await repository.database.db.execute<{ layer: string }>(
      sql`select layer from environments where state = 'built'`,
    )
    const layer = join(repository.home, 'layers', (rows[0]?.layer ?? '').replace('sha256:', ''))
    const files = readdirSync(layer, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name)))
    // The standard library was compiled, so the cache is the one that runs use.
    expect(texts.some((text) => text.includes('testing.(*T).Run'))).toBe(true)
    expect(texts.filter((text) => text.includes(marked) || text.includes('shop.invalid/shop/cart'))).toEqual([])
  })

  test('and is graded by its tests, whatever a patch says of them', async () => {
    expect(await repository.rewardOf(await repository.patchOf('fix'))).toBe(1)
    expect(await repository.rewardOf('')).toBe(0)
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
    const lying = added('cart/says.go', says.join('\n'))
    const emptied = `diff --git a/cart/cart_test.go b/cart/cart_test.go\n--- a/cart/cart_test.go\n+++ b/cart/cart_test.go\n@@ -1,9 +1,9 @@\n package cart\n \n import "testing"\n \n func TestHalf(t *testing.T) {\n-\tif Half(4) != 2 {\n+\tif false {\n \t\tt.Fatal("wrong")\n \t}\n }\n`
    for (const patch of [lying, emptied]) expect(await repository.rewardOf(patch)).toBe(0)
  })
})
