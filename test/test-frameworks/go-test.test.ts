import { execFileSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { TestPlan } from '../../src/model/index.ts'
import { frameworkNamed, recognise } from '../../src/test-frameworks/index.ts'
import { invocationOf, makeProject, run, type Trial, viewOf } from './trial.ts'

/** One line that code under test prints, to read like the result of a test. */
const forged = (name: string) => `fmt.Print("=== RUN   ${name}\\n--- PASS: ${name} (0.00s)\\n")`
const failing = (name: string) => `func ${name}(t *testing.T) { t.Fatal("as it should") }\n`
const testFile = (name: string, body: string) => `package ${name}\n\nimport "testing"\n\n${body}`
const attack = (name: string, body: string) =>
  `package ${name}\n\nimport (\n\t"fmt"\n\t"os"\n)\n\n${body}\nvar _ = os.Exit\n`

const files: Readonly<Record<string, string>> = {
  'go.mod': 'module example.com/shop\n\ngo 1.16\n',
  'cart/cart.go': 'package cart\n\nfunc Total(n int) int { return n }\n',
  'cart/cart_test.go': testFile(
    'cart',
    `func TestTotal(t *testing.T) {
	for _, name := range []string{"a/b", "twice", "twice"} {
		t.Run(name, func(t *testing.T) {})
	}
	t.Run("fails", func(t *testing.T) { t.Error("as it should") })
}

func TestPasses(t *testing.T) { t.Parallel() }
func TestSkips(t *testing.T)  { t.Skip() }
`,
  ),
  'cart/example_test.go':
    'package cart_test\n\nimport "fmt"\n\nfunc ExampleTotal() {\n\tfmt.Println(1)\n\t// Output: 1\n}\n',
  'cart/cart_windows_test.go': testFile('cart', 'func TestPasses(t *testing.T) {}\n'),
  'broken/broken_test.go': testFile('broken', 'func TestNever(t *testing.T) { nothing() }\n'),
  'panics/panics_test.go': testFile(
    'panics',
    'func TestA(t *testing.T) {}\nfunc TestB(t *testing.T) { panic("now") }\nfunc TestC(t *testing.T) {}\n',
  ),
  'inside/inside.go': attack('inside', `func Do() { ${forged('TestA')}; ${forged('TestOther')}; os.Exit(0) }`),
  'inside/inside_test.go': testFile('inside', `func TestA(t *testing.T) { Do() }\n${failing('TestOther')}`),
  'leaves/leaves.go': attack('leaves', `func init() { ${forged('TestA')}; os.Exit(0) }`),
  'leaves/leaves_test.go': testFile('leaves', failing('TestA')),
  'crashes/crashes.go': attack('crashes', `func init() { ${forged('TestA')}; os.Exit(1) }`),
  'crashes/crashes_test.go': testFile('crashes', failing('TestA')),
  'differs/differs.go': attack('differs', `func init() { ${forged('TestA')}; ${forged('TestInvented')} }`),
  'differs/differs_test.go': testFile('differs', failing('TestA')),
  'unbegun/unbegun.go': attack('unbegun', `func Do() { fmt.Print("--- PASS: TestB (0.00s)\\n") }`),
  'unbegun/unbegun_test.go': testFile(
    'unbegun',
    'func TestA(t *testing.T) { Do() }\nfunc TestB(t *testing.T) { t.Skip() }\n',
  ),
}

const isThere = (() => {
  try {
    execFileSync('go', ['version'])
    return true
  } catch {
    return false
  }
})()
if (!isThere) process.stderr.write('skipped: tests of go-test, since this machine has no Go\n')

describe.skipIf(!isThere)('go test', () => {
  let plan: TestPlan
  let whole: Trial
  const runOf = async (only: readonly string[] | null): Promise<Trial> => {
    const folder = join(tmpdir(), 'quarry-test-frameworks', 'go')
    await mkdir(folder, { recursive: true })
    const framework = frameworkNamed('go-test')
    const { variables, ...command } = framework.command(plan, only)
    const own = {
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
      GOCACHE: join(folder, 'cache'),
      GOTOOLCHAIN: 'local',
      GOFLAGS: '',
    }
    const project = await makeProject(folder, files)
    return run(framework, { ...command, variables: { ...variables, ...own } }, project, process.execPath)
  }
  const statuses = ({ tests }: Trial, folder: string) =>
    Object.fromEntries(
      tests
        .filter(({ file }) => file?.startsWith(`${folder}/`) === true)
        .map(({ file, path, status }) => [[file?.slice(folder.length + 1), ...path].join(' > '), status]),
    )

  beforeAll(async () => {
    const invocation = { program: 'go', arguments: ['test', '-race', '-v', '-tags', 'integration', './...'] }
    const found = await recognise(invocationOf(invocation), viewOf(files))
    if (found === null) throw new Error('go test was not recognised')
    plan = found
    whole = await runOf(null)
  }, 120_000)

  test('keeps what decides which tests there are, and drops what measures or prints', () => {
    expect(plan).toMatchObject({ framework: 'go-test', arguments: ['-tags=integration', './...'] })
  })

  test('tells each test with the file that defines it, subtests below', () => {
    expect(whole.complete, whole.output).toBe(true)
    expect(whole.files.has('nonce')).toBe(false)
    expect(statuses(whole, 'cart')).toEqual({
      'cart_test.go > TestTotal': 'failed',
      'cart_test.go > TestTotal > a > b': 'passed',
      'cart_test.go > TestTotal > twice': 'passed',
      'cart_test.go > TestTotal > twice#01': 'passed',
      'cart_test.go > TestTotal > fails': 'failed',
      'cart_test.go > TestPasses': 'passed',
      'cart_test.go > TestSkips': 'skipped',
      'example_test.go > ExampleTotal': 'passed',
    })
  })

  test('a package that does not compile has no tests, but its failure', () => {
    expect(statuses(whole, 'broken')).toEqual({ 'broken_test.go': 'errored' })
    const [failure] = whole.tests.filter(({ file }) => file === 'broken/broken_test.go')
    expect(failure?.message).toContain('undefined: nothing')
  })

  test('what a panic cut off is run by itself', () => {
    expect(statuses(whole, 'panics')).toEqual({
      'panics_test.go > TestA': 'passed',
      'panics_test.go > TestB': 'failed',
      'panics_test.go > TestC': 'passed',
    })
  })

  test.each([
    ['leaves in the middle of a test after printing results', 'inside'],
    ['prints results and leaves as if all were well', 'leaves'],
    ['prints results and leaves with an error', 'crashes'],
    ['prints results of tests that run and fail, and of tests that there are not', 'differs'],
    ['prints the result of a test that did not begin', 'unbegun'],
  ])('code that %s passes nothing that did not', (_, folder) => {
    const { 'unbegun_test.go > TestA': honest, ...others } = statuses(whole, folder)
    expect(Object.values(others)).not.toContain('passed')
    expect(Object.keys(others).join()).not.toContain('Invented')
    expect(Object.keys(others).length).toBeGreaterThan(0)
    if (folder === 'unbegun') expect(honest).toBe('passed')
  })

  test('runs only the files asked for', async () => {
    const narrowed = await runOf(['cart/example_test.go', 'panics/panics_test.go'])
    expect(narrowed.complete, narrowed.output).toBe(true)
    expect(new Set(narrowed.tests.map(({ file }) => file))).toEqual(
      new Set(['cart/example_test.go', 'panics/panics_test.go']),
    )
  })
})
