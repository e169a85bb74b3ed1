import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase } from '../postgres.ts'
import { tell } from '../tell.ts'
import { jsonLines, runQuarry } from './sample.ts'

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

let folder: string
let database: Awaited<ReturnType<typeof testDatabase>>
let mined: Record<string, unknown> | undefined
const quarry = (args: readonly string[], input?: string) =>
  runQuarry(args, { QUARRY_HOME: join(folder, 'home'), DATABASE_URL: database.url }, input)

function commit(files: Readonly<Record<string, string>>, message: string, date: string): string {
  const work = join(folder, 'work')
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(work, path)), { recursive: true })
    writeFileSync(join(work, path), text)
  }
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', work, '-c', 'user.name=Ada', '-c', 'user.email=ada@shop.invalid', ...args], {
      encoding: 'utf8',
      env: { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date, GIT_CONFIG_GLOBAL: '/dev/null' },
    }).trim()
  git('init', '--quiet', '--initial-branch=main')
  git('add', '--all')
  git('commit', '--quiet', '--message', message)
  return git('rev-parse', 'HEAD')
}

beforeAll(async () => {
  if (!hasCargo) return
  folder = await mkdtemp(join(tmpdir(), 'quarry-rust-'))
  database = await testDatabase()
  commit(base, 'Open the cart', '2025-09-01T10:00:00Z')
  const merge = commit(fixed, 'Add up the lines (#2)', '2025-09-02T10:00:00Z')
  const user = { login: 'ada', type: 'User' }
  const times = { created_at: '2025-09-02T08:00:00Z', merged_at: '2025-09-02T10:00:00Z' }
  const issue = {
    number: 1,
    title: 'It counts the lines',
    body: 'It should add them up',
    created_at: '2025-09-01T12:00:00Z',
    user,
    comments: [],
  }
  const pull = {
    number: 2,
    title: 'Add up the lines',
    body: 'Fixes #1',
    ...times,
    merge_commit_sha: merge,
    base: { ref: 'main' },
    head: { sha: null },
    user,
    labels: [],
    issues: [issue],
  }
  writeFileSync(join(folder, 'pulls.jsonl'), `${JSON.stringify(pull)}\n`)
  const args = [
    'mine',
    join(folder, 'work'),
    '--name',
    'acme/cart',
    '--pulls',
    join(folder, 'pulls.jsonl'),
    '--runs',
    '2',
    '--json',
  ]
  const { stdout, stderr } = await quarry(args)
  mined = jsonLines(stdout)[0]
  expect(mined?.state, stderr + stdout).toBe('vetted')
}, 600_000)

afterAll(async () => {
  await database?.close()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

const patchOf = async (which: 'fix' | 'test') => (await quarry(['task', 'acme__cart-2', '--patch', which])).stdout
const rewardOf = async (patch: string) =>
  jsonLines((await quarry(['grade', 'acme__cart-2', '--patch', '-', '--json'], patch)).stdout)[0]?.reward

describe.skipIf(!hasCargo)('a Rust repository', { timeout: 300_000 }, () => {
  test('is vetted: by its tests in files of code too, but for those in a file that the fix brings', () => {
    expect(mined).toMatchObject({
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
    expect(changed(await patchOf('fix'))).not.toMatch(/adds_up|assert_eq!\(total/)
    expect(changed(await patchOf('test'))).not.toMatch(/mod sum|sum::sum|lines\.len/)
  })

  test('rewards the fix, and neither nothing nor what tampers with the tests', async () => {
    const fix = await patchOf('fix')
    expect(await rewardOf(fix)).toBe(1)
    expect(await rewardOf('')).toBe(0)
    const file = (path: string, text: string) =>
      `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1,${text.split('\n').length} @@\n${text
        .split('\n')
        .map((line) => `+${line}`)
        .join('\n')}\n`
    const prints = ['tests > adds_up', 'whole'].map(
      (name) => `println!("{}", r#"{ "type": "test", "name": "${name}", "event": "ok" }"#);`,
    )
    const cheats = [
      file(
        'build.rs',
        `fn main() {\n${prints.join('\n')}\nlet _ = std::fs::write("/quarry/report/signed.txt", "x");\n}`,
      ),
      file('.cargo/config.toml', '[target.x86_64-unknown-linux-gnu]\nrunner = "true"'),
      file('tests/other.rs', '#[test]\nfn whole() {}'),
    ]
    expect(await rewardOf(cheats.join(''))).toBe(0)
  })
})
