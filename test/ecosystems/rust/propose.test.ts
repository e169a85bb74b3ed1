import { describe, expect, test } from 'vitest'
import { derivedPaths } from '../../../src/ecosystems/rust/derived.ts'
import { explainInstall } from '../../../src/ecosystems/rust/explain.ts'
import { rust } from '../../../src/ecosystems/rust/index.ts'
import { resolveRust } from '../../../src/ecosystems/rust/toolchains.ts'
import type { ProposeContext, ToolVersions } from '../../../src/ecosystems/types.ts'
import { contextOf, memoryTree } from '../node/memory-tree.ts'

const here = ['1.74.1', '1.80.0', '1.80.1', '1.95.0', '1.97.0-nightly']
const tools: ToolVersions = {
  resolveVersion: async (name, wanted, asOf) => (name === 'rust' ? resolveRust(here, wanted, asOf) : null),
}
const context = (
  files: Readonly<Record<string, unknown>>,
  changed: readonly string[] = ['src/lib.rs'],
): ProposeContext => ({
  ...contextOf(files, changed, changed),
  tools,
})
const one = '[package]\nname = "cart"\n'
const workflow = (...runs: readonly string[]) =>
  `on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n${runs.map((run) => `      - run: ${run}\n`).join('')}`

async function proposed(files: Readonly<Record<string, unknown>>, changed?: readonly string[]) {
  const proposals = await rust.propose(context(files, changed))
  return proposals.map(({ strategy, invocations: [invocation] }) => ({
    ...{
      name: strategy.name,
      rust: strategy.toolchain.rust,
      asOf: strategy.asOf !== null,
      evidence: strategy.evidence,
    },
    ...{
      directory: invocation?.directory,
      tested: invocation?.arguments.join(' '),
      flags: strategy.variables.RUSTFLAGS,
    },
  }))
}

describe('which Rust', () => {
  const day = new Date('2024-12-20T12:00:00Z')
  test.each([
    ['stable', '1.80.1'],
    ['1.74', '1.74.1'],
    ['1.60.0', '1.74.1'],
    ['1.80', '1.80.1'],
    ['1.81.0', '1.95.0'],
    ['nightly-2023-01-01', '1.97.0-nightly'],
    ['beta', '1.97.0-nightly'],
    ['1.99', null],
    ['strange', null],
  ])('%s is %s', (wanted, version) => {
    expect(resolveRust(here, wanted, day)).toBe(version)
  })

  test('where all are later than the day the oldest will do', () => {
    expect(resolveRust(['1.90.0', '1.95.0'], 'stable', day)).toBe('1.90.0')
    expect(resolveRust([], 'stable', day)).toBeNull()
  })

  test('a pinned one goes first; what stands in for it is told', async () => {
    const pinned = await proposed({ 'Cargo.toml': one, 'rust-toolchain.toml': '[toolchain]\nchannel = "1.60.0"\n' })
    expect(pinned[0]?.evidence[0]).toBe('rust 1.74.1 stands in for 1.60.0 ← rust-toolchain.toml')
    expect(pinned.map(({ rust: version }) => version)).toContain('1.80.1')
    expect((await proposed({ 'Cargo.toml': one, 'rust-toolchain': '1.80\n' }))[0]?.evidence[0]).toBe(
      'rust 1.80.1 ← rust-toolchain (1.80)',
    )
    expect((await proposed({ 'Cargo.toml': one }))[0]?.rust).toBe('1.80.1')
  })
})

describe('the ladder', () => {
  test('keeps to a lockfile, then lets go of it; without one it resolves as of the merge', async () => {
    const locked = await proposed({ 'Cargo.toml': one, 'Cargo.lock': '' })
    expect(locked.map(({ name, asOf }) => [name, asOf])).toEqual([
      ['lockfile', false],
      ['lockfile-preferred', true],
      ['lockfile-newer', false],
    ])
    expect((await proposed({ 'Cargo.toml': one })).map(({ name, asOf }) => [name, asOf])).toEqual([
      ['as-of', true],
      ['newer', false],
    ])
  })

  test.each([
    [[], 'test'],
    [['cargo test --all --all-features'], 'test --workspace --all-features'],
    [['cargo nextest run --features a,b', 'cargo test --doc'], 'test --features a,b'],
    [['cargo test -p one', 'cargo test --workspace'], 'test --workspace'],
    [
      [
        'cargo test --target wasm32-wasip1',
        'cargo +nightly miri test',
        'cargo test --no-default-features',
        'cargo test',
      ],
      'test',
    ],
    [['cargo hack test --feature-powerset --workspace'], 'test --workspace'],
    [['cargo llvm-cov nextest --all-features'], 'test --all-features'],
    [['cargo test one_test_alone', 'cargo test --all-features -- --nocapture'], 'test --all-features'],
    [['cargo clippy --all-targets', 'cargo fmt --check'], 'test'],
  ])('tests what the CI tests: %j', async (runs, tested) => {
    const files = { 'Cargo.toml': one, '.github/workflows/ci.yml': workflow(...runs) }
    expect((await proposed(files))[0]?.tested).toBe(tested)
  })

  const makefile =
    'FEATURES ?= a,b\nCARGO = cargo\n.PHONY: test\ntest: lint\n\t$(CARGO) test --workspace --features $(FEATURES)\nlint:\n\tcargo clippy\n'
  const justfile =
    'features := "--all-features"\ncheck: (test "--workspace")\ntest *args:\n    cargo test {{features}} {{args}}\n'
  test.each([
    ['make test', { Makefile: makefile }, 'test --workspace --features a,b', 'ci.yml job test › Makefile test'],
    [
      'make test FEATURES=c',
      { Makefile: makefile },
      'test --workspace --features c',
      'ci.yml job test › Makefile test',
    ],
    ['just check', { justfile }, 'test --all-features --workspace', 'ci.yml job test › justfile test'],
    ['./ci/test.sh', { 'ci/test.sh': 'set -e\ncargo test --all\n' }, 'test --workspace', 'ci/test.sh'],
    // What the CI does is not known: its own words for a test are.
    ['./configure', { Makefile: makefile }, 'test --workspace --features a,b', 'make test › Makefile test'],
    ['cargo xtask test', { justfile }, 'test --all-features', 'just test › justfile test'],
    ['cargo xtask test', {}, 'test', 'cargo test'],
    // A file of make that says nothing of cargo, or leads to itself, is none.
    ['make test', { Makefile: 'test: test\n\t$(MAKE) test\n' }, 'test', 'cargo test'],
  ])('sees through %s', async (run, files, tested, from) => {
    const all = { 'Cargo.toml': one, '.github/workflows/ci.yml': workflow(run), ...files }
    const [first] = await proposed(all)
    expect(first?.tested).toBe(tested)
    expect(first?.evidence.join('\n')).toContain(from)
  })

  test("warnings fail no build, and the repository's own flags stay", async () => {
    const config = '[build]\nrustflags = ["--cfg", "tokio_unstable", "-D", "warnings", "-C", "target-cpu=native"]\n'
    expect((await proposed({ 'Cargo.toml': one, '.cargo/config.toml': config }))[0]?.flags).toBe(
      '--cfg tokio_unstable --cap-lints warn',
    )
  })
})

describe('the workspace', () => {
  const files = {
    'Cargo.toml': '[workspace]\nmembers = ["crates/*"]\nexclude = ["crates/apart"]\n',
    'crates/a/Cargo.toml': '[package]\nname = "a"\n',
    'crates/apart/Cargo.toml': '[package]\nname = "apart"\n',
    'tools/x/Cargo.toml': '[package]\nname = "x"\n',
  }
  test.each([
    ['crates/a/src/lib.rs', '.'],
    ['crates/apart/tests/b.rs', 'crates/apart'],
    ['tools/x/src/main.rs', 'tools/x'],
    ['README.md', '.'],
  ])('of %s is at %s', async (path, directory) => {
    expect((await proposed(files, [path]))[0]?.directory).toBe(directory)
  })

  test('with a broken manifest is left to cargo, which says what is wrong with it', async () => {
    expect((await proposed({ 'Cargo.toml': '[package' })).map(({ name }) => name)).toEqual(['as-of', 'newer'])
    expect((await proposed({ 'Cargo.toml': one, 'bad/Cargo.toml': '=' }))[0]?.directory).toBe('.')
  })

  test('on a machine without a Rust that will do is refused, with what was wanted', async () => {
    const none: ToolVersions = { resolveVersion: async () => null }
    const files = { 'Cargo.toml': one, 'rust-toolchain': '1.60.0\n' }
    const proposals = await rust.propose({ ...context(files), tools: none })
    expect(proposals[0]?.unfollowed).toMatchObject({
      reason: 'toolchain-not-available',
      evidence: { detail: 'rust 1.60.0', wanted_by: 'rust-toolchain' },
    })
  })
})

describe('examples in documentation', () => {
  const source = '/// ```\n/// cart::total();\n/// ```\npub fn total() {}\n'
  const files = { 'Cargo.toml': one, 'src/lib.rs': source, 'src/plain.rs': 'pub fn plain() {}\n', 'tests/a.rs': source }
  const changed = ['src/lib.rs', 'src/plain.rs', 'src/gone.rs', 'tests/a.rs']
  const all = async (more: Readonly<Record<string, string>>) => (await proposed({ ...files, ...more }, changed))[0]
  const workflowOf = (run: string) => ({ '.github/workflows/ci.yml': workflow(run) })

  test.each([
    ['cargo test --all-features', true],
    ['cargo test --doc', true],
    ['cargo test -p cart -- --test-threads=1 --lib', true],
    ['cargo test --lib --bins', false],
    ['cargo test --tests', false],
    ['cargo nextest run', false],
    ['cargo fmt', true],
  ])('are tests of the changed files where the CI has them: %s', async (run, has) => {
    expect((await all(workflowOf(run)))?.tested?.includes('--doc=src/lib.rs')).toBe(has)
    expect((await all(workflowOf(run)))?.evidence.includes('doctests of src/lib.rs (1)')).toBe(has)
  })

  test('are none where they are many: each is a compilation of its own, in every run', async () => {
    const many = await all({ 'src/lib.rs': source.repeat(41) })
    expect(many?.tested).toBe('test')
    expect(many?.evidence).toContain('no doctests: 41 in the changed files, more than 40')
  })
})

describe('crates of a git host', () => {
  const url = 'https://git.example/acme/helper.git'
  const files = {
    'Cargo.toml':
      '[workspace]\nmembers = ["cart", "till", "bench"]\n[workspace.dependencies]\nhelper = { git = "https://git.example/acme/helper.git", branch = "next" }\n',
    'cart/Cargo.toml':
      '[package]\nname = "cart"\n[dev-dependencies]\nhelper = { workspace = true, features = ["all"] }\n',
    'till/Cargo.toml':
      '[package]\nname = "till"\n[dependencies]\ncart = { path = "../cart" }\n[target.\'cfg(unix)\'.dependencies]\nhelper.workspace = true\n',
    'bench/Cargo.toml':
      '[package]\nname = "bench"\n[dependencies]\nold = { git = "git@git.example:acme/old", rev = "abc", package = "older", version = "1.2" }\n',
  }
  const propose = (changed: readonly string[], more: Readonly<Record<string, string>> = {}) =>
    rust.propose(context({ ...files, ...more }, changed))

  test('that no changed crate needs are stood in for, and told', async () => {
    const [first, ...others] = await propose(['cart/src/lib.rs'])
    expect(first?.unfollowed).toBeUndefined()
    expect([first, ...others].map((each) => each?.strategy.name)).toEqual(['as-of-trimmed', 'newer-trimmed'])
    expect(first?.strategy).toMatchObject({ flags: ['dependencies-trimmed'], asOf: expect.any(String) })
    expect(first?.strategy.evidence.slice(-3)).toEqual([
      'left out: older (acme/old), a dependency of bench on a git host',
      'left out: helper (acme/helper), a dependency of cart on a git host',
      'left out: helper (acme/helper), a dependency of till on a git host',
    ])
    expect(first?.strategy.install[0]?.variables.QUARRY_STAND_INS).toBe('older 1.2.0\nhelper 0.0.0 all\n')
    expect(first?.strategy.overrides[0]?.content).toContain(`source = "git+${url}?branch=next#`)
  })

  test.each([
    ['itself', ['till/src/main.rs'], 'helper (acme/helper), a dependency of till on a git host'],
    ['through another', ['top/src/lib.rs'], 'helper (acme/helper), a dependency of till on a git host'],
    ['among others', ['cart/src/lib.rs', 'bench/a.rs'], 'older (acme/old), a dependency of bench on a git host'],
  ])('that a changed crate needs %s are a refusal by their names', async (_, changed, detail) => {
    const more = {
      'Cargo.toml': files['Cargo.toml'].replace('"bench"', '"bench", "top"'),
      'top/Cargo.toml': '[package]\nname = "top"\n[dependencies]\ntill = { path = "../till" }\n',
    }
    const proposals = await propose(changed, more)
    for (const { unfollowed } of proposals)
      expect(unfollowed).toMatchObject({ reason: 'package-not-available', evidence: { detail } })
  })

  test('of a lockfile keep their versions there, and all else of it stays', async () => {
    const other = '[[package]]\nname = "itoa"\nversion = "1.0.0"\nsource = "registry+x"'
    const locked = `[[package]]\nname = "helper"\nversion = "3.1.0"\nsource = "git+${url}?branch=next#abc"\ndependencies = [\n "deep",\n]`
    const deep = `[[package]]\nname = "deep"\nversion = "1.0.0"\nsource = "git+${url}#abd"`
    const more = { 'Cargo.lock': `version = 4\n\n${deep}\n\n${locked}\n\n${other}\n` }
    const [first] = await propose(['cart/src/lib.rs'], more)
    expect(first?.strategy.name).toBe('lockfile-trimmed')
    expect(first?.strategy.install[0]?.argv).not.toContain('--locked')
    const text = first?.strategy.overrides[0]?.content ?? ''
    expect(text).toContain(other)
    expect(text).not.toContain('deep')
    expect(text).toContain(`name = "helper"\nversion = "3.1.0"\nsource = "git+${url}?branch=next#abc"`)
  })

  test("that are optional, or only take another's place, are no crate's need; one with a path is none of them", async () => {
    const manifest =
      '[package]\nname = "cart"\n[dependencies]\na = { git = "https://h/o/a", optional = true }\nb = { git = "https://h/o/b", path = "b" }\nitoa = "1"\n[features]\nx = ["a?/deep"]\n[patch.crates-io]\nitoa = { git = "https://h/o/itoa" }\n'
    const [first] = await rust.propose(context({ 'Cargo.toml': manifest }))
    expect(first?.unfollowed).toBeUndefined()
    expect(first?.strategy.install[0]?.variables.QUARRY_STAND_INS).toBe('a 0.0.0 deep\nitoa 0.0.0-left-out\n')
  })

  test('with a name that no crate has are left to cargo', async () => {
    const manifest = '[package]\nname = "cart"\n[dev-dependencies]\n"a; rm" = { git = "https://h/o/a" }\n'
    const [first] = await rust.propose(context({ 'Cargo.toml': manifest }))
    expect(first?.strategy).toMatchObject({ name: 'as-of', flags: [], overrides: [] })
  })
})

test("a layer holds nothing of the repository's own packages", async () => {
  const tree = memoryTree({
    'Cargo.toml': '[package]\nname = "my-cart"\n',
    'sub/Cargo.toml': '[package]\nname = "till"\n[lib]\nname = "till_core"\n',
  })
  const globs = (await derivedPaths(tree)).join('\n')
  for (const part of ['deps/libmy_cart-', '.fingerprint/my-cart-', 'build/till-', 'deps/libtill_core-'])
    expect(globs).toContain(part)
})

test('what only describes a package builds no new environment', async () => {
  const text = '[package]\nname = "cart"\nversion = "1.0.0"\ndescription = "a"\n[dependencies]\na = "1"\n'
  const key = (manifest: string) => rust.keyContent('Cargo.toml', manifest)
  expect(key(text)).toBe(key(text.replace('"a"\n[', '"b"\n[')))
  expect(key(text)).not.toBe(key(text.replace('a = "1"', 'a = "2"')))
  expect(key('[')).toBe('[')
})

test.each([
  [
    'error: package `a v1.0.0` cannot be built because it requires rustc 1.99 or newer, while',
    'toolchain-not-available',
    'rust 1.99',
  ],
  ['error: no matching package named `nowhere` found\n', 'package-not-available', 'nowhere'],
  ['error: failed to select a version for the requirement `serde = "^9"`\n', 'package-not-available', 'serde = "^9"'],
  ['Caused by:\n  Unable to update https://git.example/a/b\n', 'package-not-available', 'https://git.example/a/b'],
  [
    '  The system library `openssl` required by crate `openssl-sys` was not found.\n',
    'install-failed',
    'system library openssl, needed by openssl-sys',
  ],
  ['  Could not find `protoc`. If `protoc` is installed\n', 'install-failed', 'program protoc'],
  [
    'error: the lock file /testbed/Cargo.lock needs to be updated but --locked was passed',
    'install-failed',
    'the lock file /testbed/Cargo.lock needs to be updated',
  ],
  [
    "error: could not compile `own` (lib)\n\nCaused by:\n  process didn't exit successfully\nerror: could not compile `time` (lib) due to 1 previous error",
    'install-failed',
    'time does not compile',
  ],
  [
    'error: failed to parse manifest at `/testbed/Cargo.toml`\n\nCaused by:\n  x',
    'install-failed',
    'error: failed to parse manifest at `/testbed/Cargo.toml`',
  ],
  // The log begins with the command, and that looks for these very words.
  [
    "broken=$(sed -n 's/^error: could not compile `\\([^`]*\\)`.*/')\nerror: failed to run custom build command for `onig v1.0.0`\n",
    'install-failed',
    'the build script of onig v1.0.0',
  ],
  [
    "broken=$(sed -n 's/^error: could not compile `\\([^`]*\\)`.*/')\n",
    'install-failed',
    "broken=$(sed -n 's/^error: could not compile `\\([^`]*\\)`.*/')",
  ],
  ['', 'install-failed', ''],
])('a failed install says why: %s', (log, reason, detail) => {
  expect(explainInstall(log)).toEqual({ reason, detail })
})
