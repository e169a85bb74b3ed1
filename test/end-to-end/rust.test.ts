import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tell } from '../tell.ts'
import { added, makeSmallRepository, type SmallRepository } from './small-repository.ts'

const hasCargo = spawnSync('cargo', ['--version'], { stdio: 'ignore' }).status === 0
if (!hasCargo) tell('cargo is not on this machine: the way of a Rust repository is not tested')

const lib = (total: string, expected: number, more = '') => `${more}/// The sum of the lines.
pub fn total(lines: &[u32]) -> u32 {
    ${total}
}

pub fn shown(total: u32) -> String {
    itoa::Buffer::new().format(total).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_up() {
        assert_eq!(total(&[1, 2]), ${expected});
    }

    #[test]
    fn shows() {
        assert_eq!(shown(3), "3");
    }
}
`
const base: Readonly<Record<string, string>> = {
  'Cargo.toml': '[package]\nname = "cart"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nitoa = "1"\n',
  '.gitignore': 'Cargo.lock\ntarget\n',
  'src/lib.rs': lib('lines.len() as u32', 2),
  'tests/cart.rs': '#[test]\nfn empty() {\n    assert_eq!(cart::total(&[]), 0);\n}\n',
}
const fixed: Readonly<Record<string, string>> = {
  'src/lib.rs': lib('sum::sum(lines)', 3, 'mod sum;\n\n'),
  'src/sum.rs':
    'pub fn sum(lines: &[u32]) -> u32 {\n    lines.iter().sum()\n}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn sums() {\n        assert_eq!(super::sum(&[1, 2]), 3);\n    }\n}\n',
  'tests/cart.rs':
    '#[test]\nfn empty() {\n    assert_eq!(cart::total(&[]), 0);\n}\n\n#[test]\nfn whole() {\n    assert_eq!(cart::total(&[2, 3]), 5);\n}\n',
}

let repository: SmallRepository
let mined: Awaited<ReturnType<SmallRepository['mine']>>

beforeAll(async () => {
  if (!hasCargo) return
  repository = await makeSmallRepository('cart', base, fixed)
  mined = await repository.mine()
}, 600_000)
afterAll(() => repository?.remove())

describe.skipIf(!hasCargo)('a Rust repository', { timeout: 300_000 }, () => {
  test('is vetted: by its tests in files of code too, but for those in a file that the fix brings', () => {
    expect(mined.line, mined.told).toMatchObject({
      state: 'vetted',
      fail_to_pass: ['src/lib.rs > tests > adds_up', 'tests/cart.rs > whole'],
      pass_to_pass: 2,
      flaky: [],
    })
  })

  test('has two patches, neither with a line of the other', async () => {
    const changed = (patch: string) =>
      patch
        .split('\n')
        .filter((line) => /^[+-](?![+-])/.test(line))
        .join('\n')
    expect(changed(await repository.patchOf('fix'))).not.toMatch(/adds_up|assert_eq!\(total/)
    expect(changed(await repository.patchOf('test'))).not.toMatch(/mod sum|sum::sum|lines\.len/)
  })

  test('rewards the fix, and neither nothing nor what tampers with the tests', async () => {
    const fix = await repository.patchOf('fix')
    expect(await repository.rewardOf(fix)).toBe(1)
    expect(await repository.rewardOf('')).toBe(0)
    const prints = ['tests > adds_up', 'whole'].map(
      (name) => `println!("{}", r#"{ "type": "test", "name": "${name}", "event": "ok" }"#);`,
    )
    const cheats = [
      added(
        'build.rs',
        `fn main() {\n${prints.join('\n')}\nlet _ = std::fs::write("/quarry/report/signed.txt", "x");\n}`,
      ),
      added('.cargo/config.toml', '[target.x86_64-unknown-linux-gnu]\nrunner = "true"'),
      added('tests/other.rs', '#[test]\nfn whole() {}'),
    ]
    expect(await repository.rewardOf(cheats.join(''))).toBe(0)
  })
})
