import { inVersions, type Sample } from './types.ts'

const testFile = (name: string, body: string) => `package ${name}\n\nimport "testing"\n\n${body}`

const goTest = inVersions(
  {
    framework: 'go-test',
    files: {
      'cart/cart.go': 'package cart\n\nfunc Total(n int) int { return n }\n',
      'cart/cart_test.go': testFile(
        'cart',
        `func TestTotal(t *testing.T) {
	for _, name := range []string{"a/b", "twice", "twice", "with space"} {
		t.Run(name, func(t *testing.T) {})
	}
	t.Run("fails", func(t *testing.T) { t.Error("as it should") })
	t.Run("waits", func(t *testing.T) { t.Skip() })
	t.Run("deep", func(t *testing.T) { t.Run("er", func(t *testing.T) { t.Parallel() }) })
}

func TestPasses(t *testing.T) { t.Parallel() }
func TestSkips(t *testing.T)  { t.Skip("later") }
func TestFails(t *testing.T)  { t.Cleanup(func() { t.Log("cleaned") }); t.Fatal("as it should") }
func FuzzTotal(f *testing.F) {
	f.Add(1)
	f.Fuzz(func(t *testing.T, n int) { Total(n) })
}
`,
      ),
      'cart/example_test.go': `package cart_test

import "fmt"

func ExampleTotal() {
	fmt.Println(1)
	// Output: 1
}

func Example_fails() {
	fmt.Println(1)
	// Output: 2
}
`,
      'broken/broken_test.go': testFile('broken', 'func TestNever(t *testing.T) { nothing() }\n'),
      'panics/panics_test.go': testFile(
        'panics',
        'func TestA(t *testing.T) {}\nfunc TestB(t *testing.T) { panic("now") }\nfunc TestC(t *testing.T) {}\n',
      ),
      'leaves/leaves_test.go':
        'package leaves\n\nimport (\n\t"os"\n\t"testing"\n)\n\nfunc TestA(t *testing.T) {}\nfunc TestB(t *testing.T) { os.Exit(3) }\nfunc TestC(t *testing.T) {}\n',
      'start/start_test.go':
        'package start\n\nimport (\n\t"os"\n\t"testing"\n)\n\nfunc TestMain(m *testing.M) { os.Exit(1) }\nfunc TestA(t *testing.T) {}\n',
      'none/none.go': 'package none\n',
    },
    expected: {
      'broken/broken_test.go': 'errored',
      'cart/cart_test.go > FuzzTotal': 'passed',
      'cart/cart_test.go > FuzzTotal > seed#0': 'passed',
      'cart/cart_test.go > TestFails': 'failed',
      'cart/cart_test.go > TestPasses': 'passed',
      'cart/cart_test.go > TestSkips': 'skipped',
      'cart/cart_test.go > TestTotal': 'failed',
      'cart/cart_test.go > TestTotal > a > b': 'passed',
      'cart/cart_test.go > TestTotal > deep': 'passed',
      'cart/cart_test.go > TestTotal > deep > er': 'passed',
      'cart/cart_test.go > TestTotal > fails': 'failed',
      'cart/cart_test.go > TestTotal > twice': 'passed',
      'cart/cart_test.go > TestTotal > twice#01': 'passed',
      'cart/cart_test.go > TestTotal > waits': 'skipped',
      'cart/cart_test.go > TestTotal > with_space': 'passed',
      'cart/example_test.go > ExampleTotal': 'passed',
      'cart/example_test.go > Example_fails': 'failed',
      'leaves/leaves_test.go > TestA': 'passed',
      'leaves/leaves_test.go > TestB': 'errored',
      'leaves/leaves_test.go > TestC': 'passed',
      'panics/panics_test.go > TestA': 'passed',
      'panics/panics_test.go > TestB': 'failed',
      'panics/panics_test.go > TestC': 'passed',
      'start/start_test.go': 'errored',
    },
  },
  {
    '1.20': {
      'go.mod': 'module example.com/shop\n\ngo 1.20\n',
      '.github/workflows/test.yml':
        "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/setup-go@v5\n        with: { go-version: '1.20' }\n      - run: go test ./...\n",
    },
    '1.26': { 'go.mod': 'module example.com/shop\n\ngo 1.24\n' },
  },
)

export const goSamples: readonly Sample[] = goTest
