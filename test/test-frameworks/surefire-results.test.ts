import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reportersFolder } from '../../src/test-frameworks/index.ts'

const withJava = spawnSync('javac', ['-version'], { stdio: 'ignore' }).status === 0 ? describe : describe.skip

/** A module whose class B is under way as the run's time is nearly over, and is through after all. */
const run = `package quarry;

import java.nio.file.*;
import java.util.Collections;

public class Run {
  public static void main(String[] given) throws Exception {
    Path folder = Paths.get(given[0]);
    SignedReport report = SignedReport.claim(folder);
    Results results = new Results(report, new SourceFiles(Collections.emptyList(), Collections.emptyList(), folder));
    Path reports = folder.resolve("suites");
    results.readFinished(reports.toFile());
    Files.copy(folder.resolve("whole.xml"), reports.resolve("TEST-shop.B.xml"), StandardCopyOption.REPLACE_EXISTING);
    results.readFinished(reports.toFile());
    System.out.println(report.deadline() + " " + Files.exists(folder.resolve("deadline")) + " " + results.read(reports.toFile()));
    Files.copy(folder.resolve("longer.xml"), reports.resolve("TEST-shop.A.xml"), StandardCopyOption.REPLACE_EXISTING);
    System.out.println(results.read(reports.toFile()));
    Files.delete(reports.resolve("TEST-shop.A.xml"));
    System.out.println(results.read(reports.toFile()));
  }
}
`
const suite = (name: string) =>
  `<testsuite name="shop.${name}"><testcase classname="shop.${name}" name="sells" time="0.1"/></testsuite>`

withJava('reports of Surefire (skipped where there is no javac)', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'quarry-surefire-'))
    mkdirSync(join(folder, 'suites'))
    const files: Readonly<Record<string, string>> = {
      ...{ nonce: 'a secret', deadline: '60000', 'Run.java': run, 'whole.xml': suite('B') },
      'longer.xml': suite('A').replace('</testsuite>', '<testcase name="opens"/></testsuite>'),
      'suites/TEST-shop.A.xml': suite('A'),
      'suites/TEST-shop.B.xml': suite('B').slice(0, 40),
      'suites/TEST-shop.C.xml': '<testsuite',
    }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    const names = ['maven/quarry/Results', 'jvm/quarry/SignedReport', 'jvm/quarry/SourceFiles', 'jvm/quarry/Names']
    const sources = names.map((name) => join(reportersFolder, `${name}.java`))
    execFileSync('javac', ['-d', folder, join(folder, 'Run.java'), ...sources])
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('are told once each, as soon as they are whole; what never is, at the end', () => {
    const [first, ...changed] = execFileSync('java', ['-cp', folder, 'quarry.Run', folder], { encoding: 'utf8' })
      .trim()
      .split('\n')
    expect(first).toBe('60000 false true')
    // A report that was told and is another one at the end: not the whole was told.
    expect(changed).toEqual(['false', 'false'])
    const lines = readFileSync(join(folder, 'tests.jsonl'), 'utf8').trim().split('\n')
    const told = lines.map((line) => JSON.parse(line.slice(line.indexOf(' ') + 1)))
    expect(told.slice(1).map(({ path, status }) => [path.join(' '), status])).toEqual([
      ['shop.A sells', 'passed'],
      ['shop.B sells', 'passed'],
      ['shop.C', 'errored'],
    ])
  })
})
