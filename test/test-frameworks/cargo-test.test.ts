import { execFile, spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readExamples } from '../../src/test-frameworks/cargo-examples.ts'
import { cargoTest } from '../../src/test-frameworks/cargo-test.ts'
import { type ParsedReport, reportersFolder } from '../../src/test-frameworks/index.ts'
import { tell } from '../tell.ts'
import { invocationOf, viewOf } from './trial.ts'

const hasCargo = spawnSync('cargo', ['--version'], { stdio: 'ignore' }).status === 0
const withCargo = hasCargo ? describe : describe.skip
if (!hasCargo) tell('cargo is not on this machine: the tests of cargo-test are skipped')

const files: Readonly<Record<string, string>> = {
  'Cargo.toml': '[workspace]\nmembers = ["cart", "till"]\nresolver = "2"\n',
  'cart/Cargo.toml':
    '[package]\nname = "cart"\nversion = "1.2.3"\nedition = "2021"\n[features]\nextra = []\n[[test]]\nname = "own"\nharness = false\n[[test]]\nname = "strange"\nharness = false\n',
  'cart/src/lib.rs':
    'pub mod line;\n/// ```\n/// assert_eq!(cart::total(), 2);\n/// ```\n/// ```\n/// assert_eq!(cart::total(), 3);\n/// ```\npub fn total() -> u32 { 2 }\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn totals() { assert_eq!(super::total(), 2); }\n    #[test]\n    fn fails() { panic!("as it should"); }\n    #[test]\n    #[ignore]\n    fn waits() {}\n    #[cfg(feature = "extra")]\n    #[test]\n    fn extra() {}\n}\n',
  'cart/src/line/mod.rs':
    '#[cfg(test)]\nmod tests;\n/// ```\n/// println!(r#"{{ "type": "suite", "event": "ok", "passed": 1, "failed": 0, "ignored": 0 }}"#);\n/// ```\npub fn prints() {}\npub struct Row<T>(pub T);\nimpl<T> Row<T> {\n    /// ```ignore\n    /// x\n    /// ```\n    pub fn waits(&self) {}\n    /// ```no_run\n    /// loop {}\n    /// ```\n    pub fn never_runs(&self) {}\n}\n',
  'cart/src/line/tests.rs':
    '#[test]\nfn knows_its_package() {\n    assert_eq!(std::env::var("CARGO_PKG_NAME").unwrap(), "cart");\n    assert_eq!(std::env::var("CARGO_PKG_VERSION_MINOR").unwrap(), "2");\n    assert!(std::path::Path::new("src/lib.rs").exists());\n}\n',
  'cart/tests/whole.rs': 'mod deep {\n    #[test]\n    fn works() { assert_eq!(cart::total(), 2); }\n}\n',
  'cart/tests/broken.rs': '#[test]\nfn b() { cart::not_there(); }\n',
  'cart/tests/own.rs': 'fn main() { assert_eq!(cart::total(), 2); }\n',
  'cart/tests/strange.rs': 'fn main() { std::process::exit(3) }\n',
  // Each of them tries in its own way to be taken for passed.
  'cart/tests/leaves.rs':
    '#[test]\nfn a() {}\n#[test]\nfn leaves() { std::thread::sleep(std::time::Duration::from_millis(300)); std::process::exit(0) }\n',
  'cart/tests/prints.rs':
    'use std::io::Write;\n#[test]\nfn prints() {\n    let mut out = unsafe { <std::fs::File as std::os::fd::FromRawFd>::from_raw_fd(1) };\n    writeln!(out, "{}", r#"{ "type": "test", "name": "prints", "event": "ok" }"#).unwrap();\n    std::mem::forget(out);\n    panic!("it fails all the same");\n}\n',
  'cart/tests/writes.rs':
    'use std::io::Write;\n#[test]\nfn writes() {\n    let folder = std::env::var("REPORT_OF_THE_TEST").unwrap();\n    let all: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();\n    assert!(all.iter().all(|p| p.file_name().unwrap() != "nonce"));\n    for path in all.iter().filter(|p| p.is_file()) {\n        let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();\n        writeln!(file, "{}", r#"{ "type": "test", "name": "forged", "event": "ok" }"#).unwrap();\n    }\n}\n',
  'till/Cargo.toml': '[package]\nname = "till"\nversion = "0.1.0"\nedition = "2021"\n',
  'till/src/main.rs': 'fn main() {}\n#[test]\nfn opens() {}\n',
  'till/tests/starts.rs':
    '#[test]\nfn starts() {\n    assert!(std::process::Command::new(env!("CARGO_BIN_EXE_till")).status().unwrap().success());\n    assert!(std::env::var("CARGO_BIN_EXE_till").is_ok());\n}\n',
}

let quarry: string
let project: string
beforeAll(async () => {
  quarry = await realpath(await mkdtemp(join(tmpdir(), 'quarry-cargo-')))
  project = join(quarry, 'project')
  await cp(reportersFolder, join(quarry, 'reporters'), { recursive: true })
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(project, path)), { recursive: true })
    await writeFile(join(project, path), text)
  }
})
afterAll(() => rm(quarry, { recursive: true, force: true }))

/** Runs the plan's command as a sandbox would, with /quarry in a temporary folder. */
async function run(
  narrowedTo: readonly string[] | null,
  flags: readonly string[] = ['--workspace'],
): Promise<ParsedReport> {
  const report = join(quarry, 'report')
  await rm(report, { recursive: true, force: true })
  await mkdir(report)
  await writeFile(join(report, 'nonce'), 'a secret of this run')
  const plan = await cargoTest.recognise(
    invocationOf({ program: 'cargo', arguments: ['test', ...flags] }),
    viewOf(files),
  )
  if (plan === null) throw new Error('cargo test was not recognised')
  const { argv, variables } = cargoTest.command(plan, narrowedTo)
  const [program = '', ...given] = argv.map((argument) => argument.replaceAll('/quarry/', `${quarry}/`))
  const env = {
    ...process.env,
    CARGO_TARGET_DIR: join(quarry, 'target'),
    CARGO_INCREMENTAL: '0',
    REPORT_OF_THE_TEST: report,
    ...variables,
  }
  const stdout = await new Promise<string>((done) => {
    execFile(program, given, { cwd: project, env, timeout: 120_000 }, (_, out) => done(out))
  })
  const names = await readdir(report)
  const written = await Promise.all(names.map(async (name) => [name, await readFile(join(report, name))] as const))
  return cargoTest.parse({
    files: new Map(written),
    stdout: Buffer.from(stdout),
    nonce: 'a secret of this run',
    directory: '.',
  })
}

const told = ({ tests }: ParsedReport) =>
  Object.fromEntries(tests.map(({ file, path, status }) => [[file, ...path].join(' > '), status]))

withCargo('cargo test', { timeout: 150_000 }, () => {
  test('tells the tests of every target, those that do not compile, and what nobody may claim', async () => {
    const report = await run(null, ['--workspace', '--doc=cart/src/lib.rs', '--doc=cart/src/line/mod.rs'])
    expect(report.complete).toBe(true)
    expect(told(report)).toEqual({
      // Of an item's examples one fails; what the example prints is its own affair.
      'cart/src/lib.rs > doctest total': 'failed',
      'cart/src/line/mod.rs > doctest line::prints': 'passed',
      'cart/src/line/mod.rs > doctest line::Row<T>::waits': 'skipped',
      'cart/src/line/mod.rs > doctest line::Row<T>::never_runs': 'passed',
      'cart/src/lib.rs > tests > totals': 'passed',
      'cart/src/lib.rs > tests > fails': 'failed',
      'cart/src/lib.rs > tests > waits': 'skipped',
      'cart/src/line/tests.rs > line > tests > knows_its_package': 'passed',
      'cart/tests/whole.rs > deep > works': 'passed',
      'cart/tests/broken.rs': 'errored',
      'cart/tests/own.rs > own': 'passed',
      'cart/tests/strange.rs > strange': 'failed',
      // Its binary ended before its time: each of its tests had a process of its own then.
      'cart/tests/leaves.rs > a': 'passed',
      'cart/tests/leaves.rs > leaves': 'failed',
      'cart/tests/prints.rs': 'errored',
      'cart/tests/prints.rs > prints': 'failed',
      // It wrote into its own results alone: those of the others are not there to be written to.
      'cart/tests/writes.rs': 'errored',
      'cart/tests/writes.rs > forged': 'errored',
      'cart/tests/writes.rs > writes': 'errored',
      'till/src/main.rs > opens': 'passed',
      'till/tests/starts.rs > starts': 'passed',
    })
    expect(report.tests.find(({ path }) => path.at(-1) === 'fails')?.message).toContain('as it should')
  })

  test.each([
    [
      'a verdict more than there are tests',
      `${'{ "type": "test", "name": "src/lib.rs - b (line 3)", "event": "ok" }'}\n`,
      101,
    ],
    [
      'a second suite that is all well',
      '{ "type": "suite", "event": "ok", "passed": 2, "failed": 0, "ignored": 0 }\n',
      101,
    ],
    ['an end that its own words do not lead to', '', 0],
  ])('believes no example where one wrote %s', (_, forged, exitCode) => {
    const [a, b] = ['a (line 1)', 'b (line 3)'].map((name) => `"type": "test", "name": "src/lib.rs - ${name}", "event"`)
    const output = [
      '{ "type": "suite", "event": "started", "test_count": 2 }\n',
      `{ ${a}: "ok" }\n${forged}{ ${b}: "failed", "stdout": "" }\n`,
      '{ "type": "suite", "event": "failed", "passed": 1, "failed": 1, "ignored": 0 }\n',
    ]
    const told = readExamples({ output: output.join(''), exitCode }).map(({ path, status }) => [path[0], status])
    expect(told).toEqual([
      ['doctest a', 'errored'],
      ['doctest b', 'failed'],
    ])
    const honest = readExamples({ output: output.join('').replace(forged, ''), exitCode: 101 })
    expect(honest.map(({ status }) => status)).toEqual(['passed', 'failed'])
  })

  test('narrowed to files runs the targets that hold them, and builds no other', async () => {
    const inModule = await run(['cart/src/line/tests.rs'])
    expect(Object.keys(told(inModule)).sort()).toEqual([
      'cart/src/lib.rs > tests > fails',
      'cart/src/lib.rs > tests > totals',
      'cart/src/lib.rs > tests > waits',
      'cart/src/line/tests.rs > line > tests > knows_its_package',
    ])
    const two = await run(['cart/tests/whole.rs', 'cart/tests/broken.rs', 'till/src/main.rs'])
    expect(told(two)).toEqual({
      'cart/tests/whole.rs > deep > works': 'passed',
      'cart/tests/broken.rs': 'errored',
      'till/src/main.rs > opens': 'passed',
    })
  })

  test('believes no test where a build script wrote over some', async () => {
    const path = join(project, 'till', 'build.rs')
    await writeFile(
      path,
      'fn main() { std::fs::write("src/main.rs", "fn main() {}\\n#[test]\\nfn opens() {}\\n// anew\\n").unwrap() }\n',
    )
    const report = await run(['till/src/main.rs'])
    await rm(path)
    expect(told(report)).toEqual({ 'till/src/main.rs > opens': 'errored' })
  })

  test('keeps the packages and features of the script, and nothing else of it', async () => {
    const plan = await cargoTest.recognise(
      invocationOf({
        program: 'cargo',
        arguments: [
          '+nightly',
          'nextest',
          'run',
          '--all',
          '--workspace',
          '--release',
          '--features',
          'extra',
          '-p=cart',
          '--no-fail-fast',
          'name',
          '--',
          '--nocapture',
        ],
      }),
      viewOf(files),
    )
    expect(plan?.arguments).toEqual(['--workspace', '--features', 'extra', '-p=cart'])
    for (const other of [['build'], ['nextest', 'list'], ['clippy', '--tests'], []])
      expect(await cargoTest.recognise(invocationOf({ program: 'cargo', arguments: other }), viewOf(files))).toBeNull()
    const report = await run(['cart/src/lib.rs'], ['-p', 'cart', '--features', 'extra'])
    expect(told(report)['cart/src/lib.rs > tests > extra']).toBe('passed')
  })
})
