import { describe, expect, test } from 'vitest'
import { ecosystems } from '../../src/ecosystems/index.ts'
import { languages, syntaxOf } from '../../src/languages/index.ts'
import { isCode, languageOf } from '../../src/languages/path-kinds.ts'

/** What each language must find, in its own words. A new language adds its entry here. */
const samples: Record<
  string,
  {
    code: string
    symbols: string[]
    items: string[]
    tests: string
    imports: [string, string[]]
    /** What begins a comment; left out: `//`. */
    comment?: string
  }
> = {
  javascript: {
    code: 'export const add = (a, b) => a + b\nclass Cart {\n  total() {}\n}\n',
    symbols: ['function add', 'type Cart', 'method Cart.total'],
    items: ["if (import.meta.vitest) {\n  const { it } = import.meta.vitest\n  it('adds', () => {})\n}"],
    tests: "import { test } from 'node:test'\nimport { add } from './add.js'\n\ntest('adds', () => { add(1, 2) })\n",
    imports: [
      "import a from './a.js'\nexport * from './b.js'\nconst c = require('./c')\nawait import('d')\njest.mock('./e')\nrequire.resolve('./f')\nfetch('./g')\n",
      ['./a.js', './b.js', './c', 'd', './e', './f'],
    ],
  },
  typescript: {
    code: 'export function add(a: number, b: number): number { return a + b }\nexport interface Line { price(): number }\n',
    symbols: ['function add', 'type Line', 'method Line.price'],
    items: ["if (import.meta.vitest) {\n  const { it } = import.meta.vitest\n  it('adds', (): void => {})\n}"],
    tests:
      "import { expect, it } from 'vitest'\nimport type { A } from './add.ts'\n\nit('adds', () => { expect(<A>add(1, 2)).toBe(3) })\n",
    imports: [
      "import type { A } from './a.ts'\nimport b = require('./b')\nexport { c } from './c.ts'\nconst d = await import('./d.ts')\n",
      ['./a.ts', './b', './c.ts', './d.ts'],
    ],
  },
  tsx: {
    code: 'export const View = (): JSX.Element => <p>hi</p>\n',
    symbols: ['function View'],
    items: ["describe('View', () => {\n  it('renders', () => { render(<View />) })\n})"],
    tests:
      "import { View } from './view.tsx'\n\ndescribe('View', () => {\n  it('renders', () => { render(<View />) })\n})\n",
    imports: ["import { View } from './view'\n", ['./view']],
  },
  python: {
    code: 'LIMIT = 3\n\n\ndef add(a, b):\n    return a + b\n\n\nclass Cart:\n    def total(self):\n        return 0\n',
    symbols: ['constant LIMIT', 'function add', 'type Cart', 'method Cart.total'],
    items: [
      'import pytest',
      "# Rounds half up.\n@pytest.mark.parametrize('n', [1])\ndef test_adds(n):\n    assert add(n, n) == 2",
      'class TestCart:\n    def test_total(self):\n        assert Cart().total() == 0',
    ],
    tests:
      'import unittest\n\nfrom cart import add\n\n\nclass AddTests(unittest.TestCase):\n    def test_adds(self):\n        add(1, 2)\n',
    imports: [
      "import os.path\nimport a as b, c\nfrom ..d import e\nfrom . import f\nfrom g.h import (\n    i,\n)\npytest.importorskip('j')\nopen('k')\n",
      ['os.path', 'a', 'c', '..d', '.f', 'g.h', 'j'],
    ],
    comment: '#',
  },
  rust: {
    code: "use std::fmt;\n\n/// Adds: `assert_eq!(add(1, 2), 3)`.\npub fn add(a: i32, b: i32) -> i32 { a + b }\npub struct Cart<T>(T);\nimpl<T> Cart<T> {\n    pub fn total(&self) -> u8 { b'\\'' }\n}\nmod inner {\n    pub const MOST: u8 = 3;\n}\n",
    symbols: ['function add', 'type Cart', 'method Cart::total', 'module inner', 'constant inner::MOST'],
    items: [
      '#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn adds() { assert_eq!(add(1, 2), 3); }\n}',
      '// above it\n#[cfg(all(test, feature = "std"))]\nmod more;',
      '#[tokio::test]\nasync fn waits() {}',
    ],
    tests: 'use demo::add;\n\nfn helper() -> i32 { 3 }\n\n#[test]\nfn adds() { assert_eq!(add(1, 2), helper()); }\n',
    imports: [
      'mod cart;\n#[path = "other.rs"]\nmod strange;\nmod inner { mod deep; }\nuse crate::uri::{Path, Port};\nuse std::fmt;\n',
      ['./cart', './other.rs', './inner/deep', 'crate::uri', 'std::fmt'],
    ],
  },
  go: {
    code: 'package cart\n\nimport "fmt"\n\n// Add adds.\nfunc Add(a, b int) int { return a + b }\n\ntype Cart[T any] struct{ lines []T }\n\nfunc (c *Cart[T]) Total() string { return fmt.Sprint(len(c.lines)) }\n\ntype Line interface {\n\tPrice() int\n}\n\nconst A, B = 1, 2\n\nvar check = func() { var inner int; _ = inner }\n\nfunc TestStore(t T, name string) {}\n\nfunc Testify(t *testing.T) {}\n',
    symbols: [
      'function Add',
      'type Cart',
      'method Cart.Total',
      'type Line',
      'method Line.Price',
      'constant A',
      'constant B',
      'constant check',
      'function TestStore',
      'function Testify',
    ],
    items: [
      'import "testing"',
      '// TestAdd adds.\nfunc TestAdd(t *testing.T) {\n\tif Add(1, 2) != 3 {\n\t\tt.Fatal()\n\t}\n}',
      'func BenchmarkAdd(b *testing.B) {}',
      'func FuzzAdd(f *testing.F) {}',
      'func ExampleAdd() {\n\t// Output: 3\n}',
      'func TestMain(m *testing.M) { os.Exit(m.Run()) }',
    ],
    tests: 'package cart_test\n\nimport "testing"\n\ntype Fake struct{}\n\nfunc TestAdd(t *testing.T) {}\n',
    imports: [
      'package a\n\nimport (\n\t"testing"\n\tx "example.com/y"\n\t. "fmt"\n)\nimport _ `embed`\n',
      ['testing', 'example.com/y', 'fmt', 'embed'],
    ],
  },
  java: {
    code: 'package a;\n\nimport java.util.List;\n\n/** A cart. */\npublic class Cart<T> {\n  static final int MOST = 3, LEAST = 1;\n  Cart() {}\n  int total() { int inner = 0; return inner; }\n  enum Kind { FULL }\n}\n\ninterface Line { int price(); }\n\nrecord Sum(int of) {}\n',
    symbols: [
      'type Cart',
      'constant Cart.MOST',
      'constant Cart.LEAST',
      'method Cart.Cart',
      'method Cart.total',
      'type Cart.Kind',
      'constant Cart.Kind.FULL',
      'type Line',
      'method Line.price',
      'type Sum',
    ],
    items: [
      '// above it\nclass CartTest {\n  @org.junit.Test public void adds() {}\n}',
      'class OldTest extends TestCase {\n  public void testAdds() {}\n}',
      'class Outer {\n  @Nested class Inner {\n    @ParameterizedTest(name = "{0}") void adds(int a) {}\n  }\n}',
    ],
    tests:
      'package a;\n\nimport org.junit.jupiter.api.Test;\n\nclass Fake {}\n\npublic class CartTest {\n  @Test void adds() {}\n}\n',
    imports: [
      'package a;\n\nimport java.util.List;\nimport static org.junit.Assert.assertEquals;\nimport b.c.*;\n',
      ['java.util.List', 'org.junit.Assert.assertEquals', 'b.c.*'],
    ],
  },
  kotlin: {
    code: 'package a\n\nimport java.util.UUID\n\nclass Cart(val of: Int) {\n  fun total(): Int = of\n\n  companion object {\n    const val MOST = 3\n  }\n}\n\nobject Store {\n  fun open() {}\n}\n\nfun add(a: Int, b: Int) = a + b\n\nval least = 1\n',
    symbols: [
      'type Cart',
      'method Cart.total',
      'constant Cart.MOST',
      'type Store',
      'method Store.open',
      'function add',
      'constant least',
    ],
    items: [
      '// above it\nclass CartTest {\n  @Test\n  fun `adds up`() {}\n}',
      'class StoreSpec : StringSpec({\n  "opens" { }\n})',
    ],
    tests:
      'package a\n\nimport kotlin.test.Test\n\nprivate fun fake() = 1\n\nclass CartTest {\n  @Test\n  fun adds() {}\n}\n',
    imports: [
      'package a\n\nimport java.util.UUID\nimport b.c.*\nimport d.E as F\n',
      ['java.util.UUID', 'b.c.*', 'd.E'],
    ],
  },
  ruby: {
    code: "require 'set'\n\nmodule Shop\n  LIMIT = 3\n\n  class Cart\n    def total; end\n    def self.open; end\n  end\nend\n",
    symbols: [
      'module Shop',
      'constant Shop::LIMIT',
      'type Shop::Cart',
      'method Shop::Cart#total',
      'method Shop::Cart.open',
    ],
    items: [
      "require 'minitest/autorun'",
      '# Of carts.\nclass CartTest < Minitest::Test\n  def test_total\n  end\nend',
      "describe 'Cart' do\n  it('opens') {}\nend",
    ],
    tests: "require 'spec_helper'\n\nRSpec.describe Shop::Cart do\n  it 'opens' do\n  end\nend\n",
    imports: [
      "require 'set'\nrequire_relative 'cart'\nrequire_relative '../lib/shop'\nautoload :Till, 'shop/till'\nload \"tasks.rb\"\nrequire name\n",
      ['set', './cart', '../lib/shop', 'shop/till', 'tasks.rb'],
    ],
    comment: '#',
  },
}

describe.each(languages.map((language) => [language.name, language] as const))('%s', (name, language) => {
  const sample = samples[name]
  if (sample === undefined) throw new Error(`no sample for ${name}`)
  const comment = sample.comment ?? '//'
  const cut = (source: string) => language.testItems(source).map(({ start, end }) => source.slice(start, end))

  test('is found by each of its extensions', () => {
    for (const extension of language.extensions) expect(syntaxOf(`src/Cart${extension}`)).toBe(language)
    for (const extension of language.extensions) {
      expect(isCode(`a${extension}`)).toBe(true)
      expect(ecosystems.flatMap(({ languages: built }) => built)).toContain(languageOf(`a${extension}`))
    }
  })

  test('finds no tests in code, and only the tests in a mixed file', () => {
    expect(cut(sample.code)).toEqual([])
    expect(language.isTestFile(sample.code)).toBe(false)
    const mixed = `${sample.code}\n${sample.items.join('\n\n')}\n`
    expect(cut(mixed)).toEqual(sample.items)
    expect(language.isTestFile(mixed)).toBe(false)
  })

  test('knows a file of tests', () => {
    expect(language.isTestFile(sample.tests)).toBe(true)
  })

  test('names what a file defines', () => {
    expect(language.symbols(sample.code).map(({ kind, name }) => `${kind} ${name}`)).toEqual(sample.symbols)
  })

  test('reads imports', () => {
    expect(language.imports(sample.imports[0])).toEqual(sample.imports[1])
  })

  test('gives the same items with CRLF, a byte order mark and text beyond ASCII', () => {
    const mixed = `\uFEFF${comment} ünïcödé 🎉\n${sample.code}\n${sample.items.join('\n\n')}\n`.replaceAll('\n', '\r\n')
    expect(cut(mixed)).toEqual(sample.items.map((item) => item.replaceAll('\n', '\r\n')))
  })

  test('reads what it can of broken, empty and binary text', () => {
    for (const source of [
      '',
      '\n',
      '}{)(',
      `${sample.items[0]}\n)}]`,
      '\0\u0001\uFFFD',
      '`${',
      sample.code.slice(0, -4),
    ]) {
      const spans = language.testItems(source)
      for (const { start, end } of spans) expect(0 <= start && start < end && end <= source.length).toBe(true)
      language.isTestFile(source)
      language.imports(source)
    }
  })

  test('reads a megabyte in seconds', () => {
    const source = sample.code + `${comment} ${'filling '.repeat(8)}\n`.repeat(14_100) + sample.items.join('\n')
    expect(source.length).toBeGreaterThan(900_000)
    expect(cut(source)).toHaveLength(sample.items.length)
  })
})
