import { describe, expect, test } from 'vitest'
import { rust } from '../../../src/ecosystems/rust/index.ts'
import { contextOf } from '../node/memory-tree.ts'

const workflow = (...runs: readonly string[]) =>
  `on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n${runs.map((run) => `      - run: ${run}\n`).join('')}`

async function proposed(files: Readonly<Record<string, unknown>>, changed: readonly string[]) {
  const proposals = await rust.propose({
    ...contextOf(files, changed, changed),
    tools: { resolveVersion: async (name) => (name === 'rust' ? '1.95.0' : null) },
  })
  return proposals.map(({ strategy: { evidence }, invocations: [invocation] }) => ({
    evidence,
    tested: invocation?.arguments.join(' '),
  }))
}

describe('features', () => {
  const manifest = `[package]\nname = "cart"\n[features]\ndefault = ["std"]\nstd = []\nserde = ["std"]\nlists = []\n\n[[test]]\nname = "de"\nrequired-features = ["serde"]\n`
  const testedWith = async (files: Readonly<Record<string, unknown>>, changed: readonly string[], ...runs: string[]) =>
    (await proposed({ 'Cargo.toml': manifest, '.github/workflows/ci.yml': workflow(...runs), ...files }, changed)).map(
      ({ tested }) => tested,
    )
  const lists = { 'src/lib.rs': '#[cfg(feature = "lists")]\nmod lists;\n#[cfg(feature = "no-such")]\nmod none;\n' }

  test.each<[string, readonly string[], string]>([
    ['of calls that are alike the first', ['cargo test', 'cargo test --features serde'], 'test'],
    [
      'what the change is compiled under',
      ['cargo test --features serde', 'cargo test --all-features'],
      'test --all-features',
    ],
    [
      'that which has them among others',
      ['cargo test', 'cargo test --features serde,lists'],
      'test --features serde,lists',
    ],
  ])('of the calls of the CI %s', async (name, runs, expected) => {
    const files = name.includes('alike') ? { 'src/lib.rs': '' } : lists
    expect((await testedWith(files, ['src/lib.rs'], ...runs))[0]).toBe(expected)
  })

  test('a changed test target is built with what it requires, though no call of the CI does', async () => {
    const files = { 'tests/de.rs': '' }
    const tested = await testedWith(files, ['tests/de.rs'], 'cargo test --features lists')
    expect(tested.slice(0, 4)).toEqual([
      'test --features lists --features serde',
      'test --features serde',
      'test --features lists',
      'test',
    ])
    expect(await testedWith(files, ['tests/other.rs'], 'cargo test --features lists')).not.toContain(
      'test --features serde',
    )
    const whole = await testedWith(files, ['tests/de.rs'], 'cargo test --all-features')
    expect(whole[0]).toBe('test --all-features')
    const [first] = await proposed({ 'Cargo.toml': manifest, ...files }, ['tests/de.rs'])
    expect(first?.evidence).toContain('tests ← cargo test, --features serde ← tests/de.rs')
  })
})
