import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { jsonLines, runQuarry } from '../end-to-end/sample.ts'
import { tell } from '../tell.ts'
import { isSameTest, realPulls } from './real-pulls.ts'

const pulls = realPulls(process.env)
const folder = mkdtempSync(join(tmpdir(), 'quarry-real-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const decided = z.object({
  pull: z.number(),
  state: z.string(),
  reason: z.string().nullish(),
  fail_to_pass: z.array(z.string()).optional(),
})

test('names of one test are known as such, and those of two as two', () => {
  const same: [string, string][] = [
    ['tests.test_types::test_path[a-b]', 'tests/test_types.py > test_path[a-b]'],
    ['tests.test_more.PeekableTests.test_class_getitem', 'tests/test_more.py > PeekableTests > test_class_getitem'],
    ['github.com/go-chi/chi/v5 > TestRoutePattern', 'context_test.go > TestRoutePattern'],
    ['org.json.junit.CDLTest.rows', 'src/test/java/org/json/junit/CDLTest.java > CDLTest > rows'],
    ['NodeTest', 'core/src/test/java/a/NodeTest.java > NodeTest > findsAll'],
    ['ignored_suffix_arg', 'tests/integration_tests.rs > ignored_suffix_arg'],
  ]
  for (const [one, other] of same) expect([one, isSameTest(one, other)]).toEqual([one, true])
  expect(isSameTest('tests.test_types::test_path', 'tests/test_types.py > test_path_dash')).toBe(false)
  expect(isSameTest('NodeTest', 'core/src/test/java/a/OtherNodeTest.java > OtherNodeTest > findsAll')).toBe(false)
})

if (pulls.length === 0)
  tell('real pulls are not mined: name files of them in QUARRY_CASES, and the folder of their clones in QUARRY_CLONES')

describe.skipIf(pulls.length === 0)('a real pull comes to what was measured', () => {
  for (const { id, repo, pull, clone, expected } of pulls) {
    test(id, async () => {
      const pullsFile = join(folder, `${id}.jsonl`)
      writeFileSync(pullsFile, `${JSON.stringify(pull)}\n`)
      const args = ['mine', clone, '--name', repo, '--pulls', pullsFile, '--concurrency', '1', '--json']
      const { stdout, stderr } = await runQuarry(args, { QUARRY_HOME: join(folder, 'home') })
      const [line] = jsonLines(stdout).flatMap((each) => decided.safeParse(each).data ?? [])
      const found = line?.fail_to_pass ?? []
      tell(`${id}: ${line?.state} ${line?.reason ?? ''} ${found.length} FAIL_TO_PASS`)
      expect(line, stderr).toBeDefined()
      expect(line?.state).not.toBe('fault')
      if (expected === null) return
      expect(line?.state).toBe(expected.state)
      expect(expected.fail_to_pass.filter((one) => !found.some((other) => isSameTest(one, other)))).toEqual([])
      // A benchmark may have run fewer files than the whole suite has.
      if (expected.published_by === undefined)
        expect(found.filter((one) => !expected.fail_to_pass.some((other) => isSameTest(other, one)))).toEqual([])
    })
  }
})
