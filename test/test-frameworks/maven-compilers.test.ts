import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reportersFolder } from '../../src/test-frameworks/index.ts'

const withJava = spawnSync('javac', ['-version'], { stdio: 'ignore' }).status === 0 ? describe : describe.skip

/** A compiler plugin's goal as far as its parameters go: `name=value`, compilerArgs by blanks. The first word: which Java it takes itself to run on, `-tested` or not, `-platform` with a jar of Java 8's interface. */
const goal = `package quarry;

import java.util.*;

public class Goal {
  String source, target, release, testTarget, proc, compilerArgument, compilerId = "javac";
  boolean failOnWarning = true;
  List<String> compilerArgs = new ArrayList<>();

  public static void main(String[] given) throws Exception {
    System.setProperty("java.specification.version", given[0].replaceAll("-.*", ""));
    Goal goal = new Goal();
    for (String each : Arrays.asList(given).subList(1, given.length)) {
      String[] pair = each.split("=", 2);
      if (pair[0].equals("compilerArgs")) goal.compilerArgs.addAll(Arrays.asList(pair[1].split(" ")));
      else Goal.class.getDeclaredField(pair[0]).set(goal, pair[1]);
    }
    Compilers.prepare(goal, !given[0].endsWith("-tested"), given[0].endsWith("-platform") ? System.getProperty("platform") : null);
    System.out.println(goal.target + " " + goal.release + " " + goal.proc + " " + goal.compilerArgument + " " + goal.compilerArgs + " " + goal.failOnWarning);
  }
}
`

/** The same of version 2 of the plugin: a map in place of the list. */
const older = `package quarry;

import java.util.*;

public class Older {
  String source = "1.5", target = "1.5";
  Map<String, String> compilerArguments, testCompilerArguments;

  public static void main(String[] given) {
    Older goal = new Older();
    if (given.length > 1) goal.testCompilerArguments = Collections.singletonMap(given[1], null);
    Compilers.prepare(goal, false, System.getProperty("platform"));
    System.out.println(goal.compilerArguments + " " + goal.testCompilerArguments);
  }
}
`

withJava('what a compiler is asked for (skipped where there is no javac)', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'quarry-compilers-'))
    writeFileSync(join(folder, 'Goal.java'), goal)
    writeFileSync(join(folder, 'Older.java'), older)
    const names = ['maven/quarry/Compilers', 'maven/quarry/Mojos', 'jvm/quarry/Javac', 'jvm/quarry/JavaEight']
    const sources = names.map((name) => join(reportersFolder, `${name}.java`))
    execFileSync('javac', ['-d', folder, join(folder, 'Goal.java'), join(folder, 'Older.java'), ...sources])
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const ask = (which: string, java: string, given: readonly string[]) => {
    const words = [`-Dplatform=${join(folder, 'Goal.java')}`, '-cp', folder, `quarry.${which}`, java, ...given]
    return execFileSync('java', words, { encoding: 'utf8' }).trim().replaceAll(folder, '')
  }

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
    expect(ask('Goal', java, given)).toBe(said)
  })

  const platform = '-Xbootclasspath/p:/Goal.java'
  test.each([
    ['code for 8', '17-platform', ['source=1.8', 'target=1.8'], `[${platform}]`],
    ['beside words of its own', '17-platform', ['target=8', 'compilerArgs=-g'], `[-g, ${platform}]`],
    ['not what names a release', '17-platform', ['release=8'], '[]'],
    ['nor code for 9', '17-platform', ['source=9', 'target=1.8'], '[]'],
    [
      'nor what brings such classes',
      '17-platform',
      ['target=8', 'compilerArgs=-Xbootclasspath:rt.jar'],
      '[-Xbootclasspath:rt.jar]',
    ],
    ['nor other compilers', '17-platform', ['target=8', 'compilerId=eclipse'], '[]'],
    ['nor on Java 8 itself', '8-platform', ['target=8'], '[]'],
    ['nor unasked', '17-tested', ['target=8'], '[]'],
  ])("is compiled against Java 8's own interface: %s", (_, java, given, words) => {
    expect(ask('Goal', java, given)).toContain(` ${words} false`)
  })

  test("version 2 of the plugin is told so by its map, and by the tests' where there is one", () => {
    expect(ask('Older', '17', [])).toBe('{Xbootclasspath/p:/Goal.java=null} null')
    const both = '{Xbootclasspath/p:/Goal.java=null} {g=null, Xbootclasspath/p:/Goal.java=null}'
    expect(ask('Older', '17', ['g'])).toBe(both)
  })
})
