import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reportersFolder } from '../../src/test-frameworks/index.ts'

const withJava = spawnSync('javac', ['-version'], { stdio: 'ignore' }).status === 0 ? describe : describe.skip

/** A compiler plugin's goal as far as its parameters go: `name=value`, compilerArgs by blanks. The first word: which Java it takes itself to run on. */
const goal = `package quarry;

import java.util.*;

public class Goal {
  String target, release, testTarget, proc, compilerArgument, compilerId = "javac";
  boolean failOnWarning = true;
  List<String> compilerArgs = new ArrayList<>();

  public static void main(String[] given) throws Exception {
    System.setProperty("java.specification.version", given[0].replace("-tested", ""));
    Goal goal = new Goal();
    for (String each : Arrays.asList(given).subList(1, given.length)) {
      String[] pair = each.split("=", 2);
      if (pair[0].equals("compilerArgs")) goal.compilerArgs.addAll(Arrays.asList(pair[1].split(" ")));
      else Goal.class.getDeclaredField(pair[0]).set(goal, pair[1]);
    }
    Compilers.prepare(goal, !given[0].equals("25-tested"));
    System.out.println(goal.target + " " + goal.release + " " + goal.proc + " " + goal.compilerArgument + " " + goal.compilerArgs + " " + goal.failOnWarning);
  }
}
`

withJava('what a compiler is asked for (skipped where there is no javac)', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'quarry-compilers-'))
    writeFileSync(join(folder, 'Goal.java'), goal)
    const sources = ['Compilers', 'Mojos'].map((name) => join(reportersFolder, 'maven/quarry', `${name}.java`))
    execFileSync('javac', ['-d', folder, join(folder, 'Goal.java'), ...sources])
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test.each([
    ['a level that is known stays', '17', ['target=1.8'], '1.8 null null null [] false'],
    ['one that no longer is becomes the lowest', '25', ['release=6'], 'null 8 full null [] false'],
    [
      'what makes errors of warnings goes',
      '17',
      ['target=17', 'compilerArgs=-Werror -Xlint', 'compilerArgument=-Xdoclint:all'],
      '17 null null null [-Xlint] false',
    ],
    ['processors run unasked before 23', '22', ['target=1.8'], '1.8 null null null [] false'],
    ['from then on code of before has them run', '23', ['target=1.8'], '1.8 null full null [] false'],
    ['tests go by their own level', '25', ['target=1.8', 'testTarget=25'], '1.8 null null null [] false'],
    ['and code that was made for it by its own word', '25', ['target=25'], '25 null null null [] false'],
    ['or that says which', '25', ['target=1.8', 'compilerArgs=-proc:none'], '1.8 null null null [-proc:none] false'],
  ])('%s', (_, java, given, said) => {
    const words = ['-cp', folder, 'quarry.Goal', java, ...given]
    expect(execFileSync('java', words, { encoding: 'utf8' }).trim()).toBe(said)
  })
})
