import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  added,
  type Files,
  makeSmallRepository,
  replaced,
  type SmallRepository,
} from '../end-to-end/small-repository.ts'

const has = (program: string) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0
const hasGradle = has('gradle') && has('javac')
const without = 'gradle or javac is not on this machine (Debian has both): no Gradle repository is mined'
// biome-ignore lint/suspicious/noConsole: who runs the tests is told what they leave out
if (!hasGradle) console.warn(without)

const cart = (total: string, more = '') =>
  `package shop;\n\npublic class Cart {\n  public static int total(int price, int pieces) { return ${total}; }\n${more}}\n`
const wrong = cart('price + pieces')
/** For Gradle 4 as for later ones; its checks and repositories are not to be had in an install. */
const script = `subprojects {
  apply plugin: 'java'
  apply plugin: 'checkstyle'
  sourceCompatibility = 1.6
  repositories { maven { url 'https://jars.shop.invalid/' } }
  dependencies { testImplementation 'junit:junit:4.12' }
  test { dependsOn 'checkstyleMain' }
}
project(':web') { dependencies { implementation project(':core') } }
`
const javaTest = (name: string, body: string) =>
  `package shop;\n\nimport static org.junit.Assert.assertEquals;\n\nimport org.junit.*;\n\npublic class ${name} {\n${body}}\n`
const base: Files = {
  'settings.gradle': "include 'core', 'web', 'docs'\n",
  'build.gradle': script,
  'gradle/wrapper/gradle-wrapper.properties':
    'distributionUrl=https\\://services.invalid/distributions/gradle-4.4-bin.zip\n',
  'core/src/main/java/shop/Cart.java': wrong,
  'core/src/test/java/shop/CartTest.java': javaTest(
    'CartTest',
    '  @Test public void isFree() { assertEquals(0, Cart.total(0, 0)); }\n  @Ignore @Test public void waits() {}\n',
  ),
  'core/src/test/java/shop/OldTest.java':
    'package shop;\n\npublic class OldTest extends junit.framework.TestCase {\n  /** Java lost the method with release 10. */\n  static class Manager extends SecurityManager {\n    @Override public void checkSystemClipboardAccess() {}\n  }\n  public void testOpens() { new Manager(); System.out.println("OldTest > testFails FAILED"); }\n}\n',
  'web/src/test/java/shop/WebTest.java': javaTest('WebTest', '  @Test public void sells() { Cart.total(1, 1); }\n'),
  'docs/src/test/java/shop/DocsTest.java': 'no java',
}
const added12 = '  @Test public void multiplies() { assertEquals(12, Cart.total(3, 4)); }\n'
const merge: Files = {
  'core/src/main/java/shop/Cart.java': cart('price * pieces'),
  'core/src/test/java/shop/TotalTest.java': javaTest('TotalTest', added12),
}

let repository: SmallRepository
let mined: Readonly<Record<string, unknown>> | undefined

beforeAll(async () => {
  if (!hasGradle) return
  repository = await makeSmallRepository('gradled', base, merge)
  const { line, told } = await repository.mine()
  mined = line
  expect(line?.state, told).toBe('vetted')
}, 1_800_000)

afterAll(async () => {
  await repository?.remove()
})

describe.skipIf(!hasGradle)('a Gradle repository', { timeout: 1_200_000 }, () => {
  test('is vetted by the tests of the module that was touched, and not held up by one that does not compile', () => {
    expect(mined).toMatchObject({
      state: 'vetted',
      fail_to_pass: ['core/src/test/java/shop/TotalTest.java > TotalTest > multiplies'],
      pass_to_pass: 2,
      flaky: [],
    })
  })

  test('rewards the fix, and neither nothing nor what lies, leaves early or changes the build', async () => {
    expect(await repository.rewardOf(await repository.patchOf('fix'))).toBe(1)
    expect(await repository.rewardOf('')).toBe(0)
    const path = 'core/src/main/java/shop/Cart.java'
    const tell = `  static int tell() {
    try {
      String line = "0 {\\"t\\":\\"test\\",\\"file\\":\\"core/src/test/java/shop/TotalTest.java\\",\\"path\\":[\\"TotalTest\\",\\"multiplies\\"],\\"status\\":\\"passed\\"}\\n";
      java.nio.file.Files.write(java.nio.file.Paths.get("/quarry/report/tests.jsonl"), line.getBytes(), java.nio.file.StandardOpenOption.APPEND);
      System.out.println("shop.TotalTest > multiplies PASSED");
    } catch (java.io.IOException error) { throw new RuntimeException(error); }
    return 0;
  }
`
    const lies = [
      replaced(path, wrong, cart('tell()', tell)),
      replaced(
        'build.gradle',
        script,
        `${script}gradle.addListener(new Object())\nsubprojects { test { enabled = false } }\n`,
      ),
      added('gradle.properties', 'org.gradle.jvmargs=-javaagent:/testbed/agent.jar\nsystemProp.quarry.resolve=1\n'),
      added('core/build.gradle', 'test { exclude "**/TotalTest*" }\ntask quarryTests\n'),
      added('init.gradle', 'throw new RuntimeException()\n'),
      added('buildSrc/src/main/groovy/Evil.groovy', 'throw new RuntimeException()\n'),
      added('buildSrc/build.gradle', 'throw new RuntimeException()\n'),
    ]
    expect(await repository.rewardOf(lies.join(''))).toBe(0)
    const leave = '  static int leave() { System.exit(0); return 0; }\n'
    expect(await repository.rewardOf(replaced(path, wrong, cart('leave()', leave)))).toBe(0)
  })
})
