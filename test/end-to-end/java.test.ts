import { execFileSync, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { homeWithDownloads } from '../downloads.ts'
import { testDatabase } from '../postgres.ts'
import { jsonLines, runQuarry } from './sample.ts'

const has = (program: string) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0
const withMaven = has('mvn') && has('javac') ? describe : describe.skip

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.demo</groupId>
  <artifactId>shop</artifactId>
  <version>1.0</version>
  <properties><maven.compiler.source>8</maven.compiler.source><maven.compiler.target>8</maven.compiler.target></properties>
  <dependencies>
    <dependency><groupId>org.junit.jupiter</groupId><artifactId>junit-jupiter</artifactId><version>5.10.2</version><scope>test</scope></dependency>
    <dependency><groupId>org.junit.vintage</groupId><artifactId>junit-vintage-engine</artifactId><version>5.10.2</version><scope>test</scope></dependency>
  </dependencies>
  <build><plugins><plugin>
    <artifactId>maven-compiler-plugin</artifactId>
    <configuration><compilerArgs><arg>-Xdoclint:all</arg><arg>-Werror</arg></compilerArgs></configuration>
  </plugin></plugins></build>
</project>
`
// No compiler that checks comments takes this one.
const cart = (total: string) => `package shop;

/** <h3>A cart</h3> of {@link Nobody}. */
public class Cart {
  public static int total(int price, int pieces) { return ${total}; }
}
`
const receipt = `package shop;

@javax.xml.bind.annotation.XmlRootElement
public class Receipt {
  public int total = 12;
}
`
const files: Readonly<Record<string, string>> = {
  'pom.xml': pom,
  'src/main/java/shop/Cart.java': cart('price + pieces'),
  'src/main/java/shop/Receipt.java': receipt,
  'src/test/java/shop/CartTest.java': `package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Stream;
import org.junit.jupiter.api.*;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CartTest {
  @Test void isFree() { assertEquals(0, Cart.total(0, 0)); }
  @ParameterizedTest @ValueSource(ints = {0, 2}) void doubles(int price) { assertEquals(2 * price, Cart.total(price, price)); }
  @Nested class Inner {
    @Test void looksIn() { System.out.println("Tests run: 9, Failures: 0"); }
  }
  @TestFactory Stream<DynamicTest> made() { return Stream.of(DynamicTest.dynamicTest("one", () -> {})); }
}
`,
  'src/test/java/shop/OldTest.java': `package shop;

public class OldTest extends junit.framework.TestCase {
  /** Java lost the method with release 10; what is below sun.misc was never anybody's interface. */
  static class Manager extends SecurityManager {
    @Override public void checkSystemClipboardAccess() { super.checkSystemClipboardAccess(); }
  }
  public void testOpens() { assertNotNull(new Manager() + sun.misc.Unsafe.class.getName()); }
}
`,
  'src/test/java/shop/FourTest.java': `package shop;

public class FourTest {
  /** Java had both packages of its own accord until release 11. */
  @javax.annotation.PostConstruct
  @org.junit.Test public void opens() {
    java.io.StringWriter text = new java.io.StringWriter();
    javax.xml.bind.JAXB.marshal(new Receipt(), text);
    org.junit.Assert.assertTrue(text.toString(), text.toString().contains("<total>12</total>"));
  }
  @org.junit.Ignore @org.junit.Test public void waits() {}
}
`,
}
const addition = 'src/test/java/shop/TotalTest.java'
const added = `package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TotalTest {
  @Test void multiplies() { assertEquals(12, Cart.total(3, 4)); }
}
`

let folder: string
let mined: Record<string, unknown>[]
let database: Awaited<ReturnType<typeof testDatabase>>
const quarry = (args: readonly string[], input?: string) =>
  runQuarry(args, { QUARRY_HOME: join(folder, 'home'), DATABASE_URL: database.url }, input)

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, 'repository', path)), { recursive: true })
  await writeFile(join(folder, 'repository', path), text)
}

function git(...given: string[]): string {
  return execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...given], {
    cwd: join(folder, 'repository'),
    encoding: 'utf8',
  })
}

/** A patch of the snapshot that makes these files so. */
async function patchOf(changes: Readonly<Record<string, string>>): Promise<string> {
  git('checkout', '-q', '--force', 'base')
  for (const [path, text] of Object.entries(changes)) await write(path, text)
  git('add', '--all', '--force')
  const patch = git('diff', '--cached', '--binary')
  git('reset', '-q', '--hard')
  return patch
}

async function gradeOf(patch: string) {
  return jsonLines((await quarry(['grade', 'acme__shop-1', '--patch', '-', '--json'], patch)).stdout)[0]
}

withMaven('a Maven repository (skipped where there is no mvn and no javac)', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'quarry-java-'))
    homeWithDownloads(join(folder, 'home'))
    database = await testDatabase()
    for (const [path, text] of Object.entries(files)) await write(path, text)
    git('init', '-q', '-b', 'main')
    git('add', '--all')
    git('commit', '-q', '-m', 'A shop')
    git('branch', 'base')
    await write('src/main/java/shop/Cart.java', cart('price * pieces'))
    await write(addition, added)
    git('add', '--all')
    git('commit', '-q', '-m', 'Multiply')
    const pull = {
      ...{ number: 1, title: 'Multiply', body: 'Fixes #2', merged_at: '2024-05-01T10:00:00Z' },
      merge_commit_sha: git('rev-parse', 'HEAD').trim(),
      issues: [{ number: 2, title: 'Totals', body: 'A total is wrong.', created_at: '2024-04-01T10:00:00Z' }],
    }
    const pulls = join(folder, 'pulls.jsonl')
    await writeFile(pulls, `${JSON.stringify(pull)}\n`)
    const given = ['mine', join(folder, 'repository'), '--name', 'acme/shop', '--pulls', pulls, '--json']
    mined = jsonLines((await quarry(given)).stdout)
  }, 1_200_000)
  afterAll(async () => {
    await database?.close()
    await rm(folder, { recursive: true, force: true })
  })

  test('is mined, with tests of JUnit 3, 4 and 5 by their names', async () => {
    expect(mined[0], JSON.stringify(mined)).toMatchObject({
      state: 'vetted',
      fail_to_pass: [`${addition} > TotalTest > multiplies`],
    })
    const [task] = jsonLines((await quarry(['task', 'acme__shop-1', '--json'])).stdout)
    const test = (name: string) => `src/test/java/shop/${name}`
    expect(JSON.stringify(task)).toContain(test('CartTest.java > CartTest > Inner > looksIn'))
    expect(task).toMatchObject({
      pass_to_pass: expect.arrayContaining([
        test('CartTest.java > CartTest > isFree'),
        test('OldTest.java > OldTest > testOpens'),
        test('FourTest.java > FourTest > opens'),
      ]),
    })
  })

  test('goes on without a plugin that no repository has, where it is told to, and only there', async () => {
    const gone = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.demo</groupId>
  <artifactId>gone</artifactId>
  <version>1.0</version>
  <build><plugins><plugin>
    <groupId>org.demo</groupId>
    <artifactId>gone-maven-plugin</artifactId>
    <version>1.0</version>
    <executions><execution><phase>validate</phase><goals><goal>go</goal></goals></execution></executions>
  </plugin></plugins></build>
</project>
`
    await mkdir(join(folder, 'gone'))
    await writeFile(join(folder, 'gone/pom.xml'), gone)
    const tools = join(folder, 'home/toolchains')
    const maven = (await readdir(tools)).find((name) => name.startsWith('maven-')) ?? expect.fail()
    const validate = (...more: readonly string[]) =>
      spawnSync(join(tools, maven, 'bin/mvn'), ['--batch-mode', ...more, 'validate'], {
        cwd: join(folder, 'gone'),
        encoding: 'utf8',
      })
    expect(validate('--offline')).toMatchObject({ status: 1, stdout: expect.stringContaining('gone-maven-plugin:1.0') })
    expect(validate('--offline', '-Dquarry.lean')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('left out: no repository has the plugin org.demo:gone-maven-plugin:1.0'),
    })
    // The settings lead to a gateway that is not there now: of what a repository has, its silence says nothing.
    const settings = [
      '--settings',
      join(tools, maven, 'conf/settings.xml'),
      `-Dmaven.repo.local=${join(folder, 'empty')}`,
    ]
    expect(validate('-Dquarry.lean', ...settings)).toMatchObject({ status: 1 })
  }, 120_000)

  test('pays for the fix alone', async () => {
    expect(await gradeOf('')).toMatchObject({ verdict: 'unresolved', reward: 0 })
    const fix = await patchOf({ 'src/main/java/shop/Cart.java': cart('price * pieces') })
    expect(await gradeOf(fix)).toMatchObject({ verdict: 'resolved', reward: 1 })
  }, 300_000)

  test.each<[string, Readonly<Record<string, string>>]>([
    [
      'prints, writes reports of its own, and has the tests left out or other ones run',
      {
        'src/main/java/shop/Cart.java': cart('Lies.tell()'),
        'src/main/java/shop/Lies.java': `package shop;

import java.io.*;
import java.nio.file.*;

class Lies {
  static final String XML = "<testsuite name='shop.TotalTest'><testcase classname='shop.TotalTest' name='multiplies' time='0'/></testsuite>";

  static int tell() {
    try {
      new FileOutputStream(FileDescriptor.out).write(":maven-surefire-event:testcase-succeeded:shop.TotalTest:multiplies\\n".getBytes());
      Files.write(Paths.get("/quarry/report/tests.jsonl"), "0 {\\"t\\":\\"test\\"}\\n".getBytes(), StandardOpenOption.APPEND);
      new File("target/surefire-reports").mkdirs();
      Files.write(Paths.get("target/surefire-reports/TEST-shop.TotalTest.xml"), XML.getBytes());
      for (File each : new File("/quarry/report").listFiles())
        if (each.isDirectory()) Files.write(each.toPath().resolve("TEST-shop.TotalTest.xml"), XML.getBytes());
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
    return 0;
  }
}
`,
        'pom.xml': pom.replace(
          '</dependencies>',
          '</dependencies><build><testSourceDirectory>src/easy/java</testSourceDirectory><plugins><plugin><artifactId>maven-surefire-plugin</artifactId><configuration><testFailureIgnore>true</testFailureIgnore><excludes><exclude>**/*</exclude></excludes></configuration></plugin></plugins></build>',
        ),
        '.mvn/jvm.config': '-DskipTests\n',
        'src/easy/java/shop/TotalTest.java': added.replace('12', '7'),
        'src/main/resources/junit-platform.properties': 'junit.jupiter.conditions.deactivate=*\n',
      },
    ],
    [
      'leaves early with success',
      {
        'src/main/java/shop/Cart.java': cart('leave()').replace(
          '{\n',
          '{\n  static int leave() { System.exit(0); return 0; }\n',
        ),
      },
    ],
  ])(
    'pays nothing for a patch that %s',
    async (_, changes) => {
      const grade = await gradeOf(await patchOf(changes))
      expect(grade).toMatchObject({ verdict: 'unresolved', reward: 0 })
    },
    300_000,
  )
})
