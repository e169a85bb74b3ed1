import { describe, expect, test } from 'vitest'
import type { Snapshot } from '../../src/model/index.ts'
import { noTestPaths, restoreTests, splitChange } from '../../src/snapshot/index.ts'
import { emptyMirror, type Files, filesOf, treeOf } from './sample.ts'

/** What stands in the lines that a patch takes away or adds. */
function linesOf(patch: Buffer): string {
  return patch
    .toString()
    .split('\n')
    .filter((line) => /^[+-](?![+-]{2} )/.test(line))
    .join('\n')
}

async function split(base: Files, merge: Files) {
  const mirror = await emptyMirror()
  const outcome = await splitChange({
    mirror,
    baseCommit: await treeOf(mirror, base),
    merge: await treeOf(mirror, merge),
    testPaths: noTestPaths,
  })
  if ('refused' in outcome) throw new Error(JSON.stringify(outcome))
  return { mirror, snapshot: outcome }
}

const kinds = ({ changes }: Snapshot) => Object.fromEntries(changes.map(({ path, kind }) => [path, kind]))

const code = (total: number) => `//! A cart. FIX${total}\nuse std::fmt;\n\npub fn total() -> u32 {\n    ${total}\n}\n`
const tests = (total: number) =>
  `\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n    /// TEST${total}\n    #[test]\n    fn totals() {\n        assert_eq!(total(), ${total}); // TEST${total}\n    }\n}\n`

/** Before and after; whatever is the fix's says FIX, whatever is the tests' TEST. */
const shapes: Record<string, [string, string]> = {
  'a module at the end': [code(1) + tests(1), code(2) + tests(2)],
  'code that is added right before the tests': [code(1) + tests(1), `${code(1)}\nimpl Cart {} // FIX2\n${tests(2)}`],
  'code before a test, and more blank lines between them': [
    `${code(1)}\n#[test]\nfn t() {\n    let a = 1;\n    let b = 2;\n    assert_eq!(a, b); // TEST1\n}\n`,
    `${code(2)}\nimpl Cart {} // FIX2\n\n\n\n#[test]\nfn t() {\n    let a = 1;\n    let b = 2;\n    assert_eq!(a, b); // TEST2\n}\n`,
  ],
  'the first module of tests': [code(1), code(2) + tests(2)],
  'a module of tests that goes': [code(1) + tests(1), code(2)],
  'a test between changed code': [
    `pub fn a() {} // FIX1\n\n#[test]\nfn t() {} // TEST1\n\nfn b() {} // FIX1\n`,
    `pub fn a() {} // FIX2\n\n#[test]\nfn t() {} // TEST2\n\nfn b() {} // FIX2\n`,
  ],
  'tests inside a module, with code that changes around them': [
    `pub mod inner {\n    fn a() {} // FIX1\n\n    #[cfg(test)]\n    mod tests {\n        #[test]\n        fn t() {} // TEST1\n    }\n\n    fn b() {} // FIX1\n}\nfn c() {} // FIX1\n`,
    `fn z() {} // FIX2\npub mod inner {\n    fn a() {} // FIX2\n\n    #[cfg(test)]\n    mod tests {\n        #[test]\n        fn t() {} // TEST2\n    }\n\n    fn b() {} // FIX2\n}\nfn c() {} // FIX2\n`,
  ],
  'a helper in an implementation': [
    `struct Cart;\nimpl Cart {\n    fn a() {} // FIX1\n\n    #[cfg(test)]\n    fn check() {} // TEST1\n\n    fn b() {} // FIX1\n}\n`,
    `struct Cart;\nimpl Cart {\n    fn a() {} // FIX2\n\n    #[cfg(test)]\n    fn check() {} // TEST2\n\n    fn b() {} // FIX2\n}\n#[test]\nfn t() {} // TEST2\n`,
  ],
  'an import for tests that moves, beside a changed one': [
    `use std::fmt; // FIX1\nuse std::mem;\n#[cfg(test)]\nuse std::io; // TEST1\npub fn a() {}\n#[test]\nfn t() {}\n`,
    `use std::fmt::Debug; // FIX2\nuse std::mem;\npub fn a() {}\n#[cfg(test)]\nuse std::net; // TEST2\n#[test]\nfn t() {}\n`,
  ],
  'a call of proptest and a macro that makes tests': [
    `macro_rules! checks {\n    ($n:ident) => {\n        #[test]\n        fn $n() {} // TEST1\n    };\n}\nchecks!(one);\n\npub fn a() {} // FIX1\n\nproptest! { fn p(x in 0..1) { TEST1 } }\n`,
    `macro_rules! checks {\n    ($n:ident) => {\n        #[test]\n        fn $n() {} // TEST2\n    };\n}\nchecks!(one);\n\npub fn a() {} // FIX2\n\nproptest! { fn p(x in 0..2) { TEST2 } }\n`,
  ],
  'a new test behind new code, in the middle of a file': [
    `impl A {\n}\n\n/// b\npub fn b() {\n    1; // FIX1\n}\n`,
    `impl A {\n}\n\n// FIX2\nfn c() {\n}\n\n#[test]\nfn t() {\n    c(); // TEST2\n}\n\n/// b\npub fn b() {\n    2; // FIX2\n}\n`,
  ],
  'a test between new code and code that changes': [
    `enum A {\n}\n\nimpl B {\n    fn b(a: u8) {} // FIX1\n}\n`,
    `enum A {\n}\n\n#[cfg(not(test))]\nfn now() {} // FIX2\n\n#[cfg(test)]\nfn now() {} // TEST2\n\nimpl B {\n    fn b() {} // FIX2\n}\n`,
  ],
  'an import that becomes one for tests': [
    `//! a\n\n#[macro_use]\nextern crate one; // FIX1\n\npub mod b;\n`,
    `//! a\n\n#[cfg(test)]\n#[macro_use]\nextern crate two; // TEST2\n\npub mod b;\n`,
  ],
  'an import for tests that becomes one of the code': [
    `extern crate a;\n\n#[cfg(test)]\nextern crate b; // TEST1\n\nuse a::A;\nfn c() {} // FIX1\n`,
    `extern crate a;\nextern crate b; // FIX2\n\nuse a::A;\nfn c() {} // FIX2\n`,
  ],
  'the first tests of a file that ends in a blank line': [`${code(1)}\n`, `${code(2)}${tests(2)}`],
  'a declaration of tests that goes, with the blank lines below': [
    `pub mod a;\n\n#[cfg(test)]\nmod tests; // TEST1\n\n\n/// FIX1\npub struct A;\n`,
    `pub mod a;\n\n/// FIX2\npub struct A;\n`,
  ],
  'documentation with an example stays with its code': [
    `/// ${'```'}\n/// assert_eq!(a(), 1); // FIX1\n/// ${'```'}\npub fn a() {}\n\n#[test]\nfn t() {} // TEST1\n`,
    `/// ${'```'}\n/// assert_eq!(a(), 2); // FIX2\n/// ${'```'}\npub fn a() {}\n\n#[test]\nfn t() {} // TEST2\n`,
  ],
}

describe.each(Object.entries(shapes))('%s', (_, [before, after]) => {
  test('is split inside the file: neither patch holds a line of the other, and grading puts the tests back', async () => {
    const { mirror, snapshot } = await split({ 'src/lib.rs': before }, { 'src/lib.rs': after })
    expect(kinds(snapshot)).toEqual({ 'src/lib.rs': 'mixed' })
    expect(linesOf(snapshot.fixPatch)).not.toContain('TEST')
    expect(linesOf(snapshot.testPatch)).not.toContain('FIX')
    const restore = (candidateTree: string) =>
      restoreTests({ mirror, ...snapshot, testPaths: noTestPaths, candidateTree })
    expect((await restore(snapshot.baseTree)).tree).toBe(snapshot.beforeTree)
    expect((await restore(snapshot.afterTree)).tree).toBe(snapshot.afterTree)
  })
})

test('a file that is declared for tests alone is theirs wherever it lies, and whatever it is called', async () => {
  const base = {
    'src/lib.rs': 'pub mod cart;\n#[cfg(test)]\nmod checks;\n',
    'src/cart.rs': 'pub fn total() -> u32 { 1 }\n#[cfg(test)]\nmod helper;\n',
    'src/cart/helper.rs': 'pub fn one() -> u32 { 1 }\n',
    'src/checks.rs': 'mod deep;\n#[test]\nfn totals() {}\n',
    'src/checks/deep.rs': 'pub fn deep() {}\n',
  }
  const merge = {
    ...base,
    'src/cart.rs': base['src/cart.rs'].replace('1', '2'),
    'src/cart/helper.rs': 'pub fn one() -> u32 { 2 }\n',
    'src/checks.rs': 'mod deep;\n#[test]\nfn totals_two() {}\n',
    'src/checks/deep.rs': 'pub fn deeper() {}\n',
  }
  const { snapshot } = await split(base, merge)
  expect(kinds(snapshot)).toEqual({
    'src/cart.rs': 'mixed',
    'src/cart/helper.rs': 'test-support',
    'src/checks.rs': 'test',
    'src/checks/deep.rs': 'test-support',
  })
})

test("a manifest's part for tests goes with them, line for line", async () => {
  const manifest = (version: string, dev: string) =>
    `[package]\nname = "cart"\n\n[dependencies]\na = "${version}"\n\n# for tests\n[dev-dependencies]\n${dev}\n\n[features]\nstd = []\n`
  const { mirror, snapshot } = await split(
    { 'Cargo.toml': manifest('1', 'b = "1"'), 'src/lib.rs': code(1) + tests(1) },
    { 'Cargo.toml': manifest('2', 'b = "1"\nc = "1"'), 'src/lib.rs': code(2) + tests(2) },
  )
  expect((await filesOf(mirror, snapshot.beforeTree))['Cargo.toml']).toBe(manifest('1', 'b = "1"\nc = "1"'))
  expect(linesOf(snapshot.fixPatch)).not.toContain('c = "1"')
})

describe('a candidate', () => {
  const base: Files = {
    'Cargo.toml': '[package]\nname = "cart"\n\n[dev-dependencies]\nb = "1"\n',
    'src/lib.rs': `pub mod plain;\n\n${code(1)}${tests(1)}`,
    'src/plain.rs': 'pub fn plain() {}\n',
    'tests/cart.rs': '#[test]\nfn whole() {}\n',
  }
  const merge: Files = { ...base, 'src/lib.rs': `pub mod plain;\n\n${code(2)}${tests(2)}` }
  const solved = `pub mod plain;\n\n${code(2)}`

  const attempts: Record<string, Readonly<Record<string, string | null>>> = {
    'edits the tests': { 'src/lib.rs': solved + tests(1) },
    'deletes the module': { 'src/lib.rs': solved },
    'ignores the test': { 'src/lib.rs': (solved + tests(2)).replace('#[test]', '#[test]\n    #[ignore]') },
    'compiles them never': { 'src/lib.rs': (solved + tests(2)).replace('cfg(test)', 'cfg(all(test, not(test)))') },
    'adds a second module of tests': {
      'src/lib.rs': `${solved}${tests(2)}\n#[cfg(test)]\nmod more {\n    #[test]\n    fn totals() {}\n}\n`,
    },
    'adds an integration test': { 'src/lib.rs': solved + tests(2), 'tests/mine.rs': '#[test]\nfn mine() {}\n' },
    'switches the tests off in the manifest': {
      'src/lib.rs': solved + tests(2),
      'Cargo.toml':
        '[package]\nname = "cart"\nautotests = false\n\n[lib]\ntest = false\nharness = false\n\n[dev-dependencies]\nb = "1"\n',
    },
    'takes another dependency of tests, other profiles and patches': {
      'src/lib.rs': solved + tests(2),
      'Cargo.toml':
        '[package]\nname = "cart"\n\n[dev-dependencies]\nb = { path = "evil" }\n\n[profile.test]\nopt-level = 3\n\n[patch.crates-io]\nb = { path = "evil" }\n',
    },
    'has settings for cargo, and files where the environment is': {
      'src/lib.rs': solved + tests(2),
      '.cargo/config.toml': '[target.x86_64-unknown-linux-gnu]\nrunner = "true"\n',
      '.quarry/cargo/config.toml': '[build]\nrustc-wrapper = "true"\n',
      'rust-toolchain.toml': '[toolchain]\nchannel = "nightly"\n',
    },
    'claims a test in a file of code that had none': {
      'src/lib.rs': solved + tests(2),
      'src/plain.rs': 'pub fn plain() {}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn totals() {}\n}\n',
    },
  }

  test.each(Object.entries(attempts))(
    'that %s is graded by the tests of the merge, on its own code',
    async (_, patch) => {
      const { mirror, snapshot } = await split(base, merge)
      const files = Object.fromEntries(
        Object.entries({ ...base, ...patch }).filter((entry): entry is [string, string] => entry[1] !== null),
      )
      const { tree } = await restoreTests({
        mirror,
        ...snapshot,
        testPaths: noTestPaths,
        candidateTree: await treeOf(mirror, files),
      })
      const restored = await filesOf(mirror, tree)
      expect(Object.keys(restored).sort()).toEqual(Object.keys(merge).sort())
      expect(restored['src/lib.rs']).toBe(merge['src/lib.rs'])
      expect(restored['src/plain.rs']?.trimEnd()).toBe('pub fn plain() {}')
      const manifest = restored['Cargo.toml'] ?? ''
      expect(manifest).toContain('[dev-dependencies]\nb = "1"\n')
      expect(manifest).not.toMatch(/false|profile|patch/)
    },
  )

  test('brings a new file of code, but no tests in it', async () => {
    const { mirror, snapshot } = await split(base, merge)
    const candidate = { ...base, 'src/new.rs': 'pub fn new() {}\n#[test]\nfn totals() {}\n' }
    const candidateTree = await treeOf(mirror, candidate)
    const { tree } = await restoreTests({ mirror, ...snapshot, testPaths: noTestPaths, candidateTree })
    expect((await filesOf(mirror, tree))['src/new.rs']).toBe('pub fn new() {}\n')
  })
})
