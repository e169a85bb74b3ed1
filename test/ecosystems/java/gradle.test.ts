import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import semver from 'semver'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { explainInstall } from '../../../src/ecosystems/java/explain.ts'
import { runsOn } from '../../../src/ecosystems/java/gradle-choice.ts'
import { findGradles, wholeVersion } from '../../../src/ecosystems/java/gradles.ts'
import { java } from '../../../src/ecosystems/java/index.ts'
import { recognise } from '../../../src/test-frameworks/index.ts'
import { memoryTree } from '../../memory-tree.ts'

const wrapper = (version: string) => ({
  'gradle/wrapper/gradle-wrapper.properties': `distributionBase=GRADLE_USER_HOME\ndistributionUrl=https\\://services.invalid/distributions/gradle-${version}-bin.zip\n`,
})
const script = (inner = '') => ({ 'build.gradle': `apply plugin: 'java'\n${inner}\n` })

/** A machine with these Gradles and Javas. */
function propose(
  files: Readonly<Record<string, unknown>>,
  gradles: readonly string[] = ['4.4.1+debian', '7.6', '8.5', '8.14'],
  {
    changed = [],
    tests = [],
    javas = ['11', '17', '25'],
  }: Partial<Record<'changed' | 'tests' | 'javas', string[]>> = {},
) {
  const resolveVersion = async (name: string, wanted: string) => {
    if (name === 'java') return javas.includes(wanted) ? `${wanted}.0.1` : null
    const fitting = gradles.filter((each) => semver.satisfies(wholeVersion(each) ?? '', wanted))
    return name === 'gradle' ? (fitting.at(-1) ?? null) : null
  }
  return java.propose({
    ...{ tree: memoryTree(files), changedPaths: changed, testPaths: tests, mergedAt: new Date('2024-05-01') },
    ...{ tools: { resolveVersion }, recognises: async () => true, gateway: 'http://127.0.0.1:4873' },
  })
}

describe('which Gradle', () => {
  test.each([
    ["the wrapper's", wrapper('8.5'), '8.5'],
    ['the next of its line', wrapper('8.6-rc-1'), '8.14'],
    ['the last of its line, where there is none above', wrapper('7.6.4'), '7.6'],
    ['the first of the next line', wrapper('5.6.4'), '7.6'],
    ['what Debian made of it', wrapper('4.4.1'), '4.4.1+debian'],
    [
      "the day's line, where the wrapper says nothing",
      { 'gradle/wrapper/gradle-wrapper.properties': 'distributionUrl=\0' },
      '8.5',
    ],
    ["the day's line, where there is no wrapper", {}, '8.5'],
  ])('%s', async (_, files, version) => {
    const [first] = await propose({ ...script(), ...files })
    expect(first?.strategy.toolchain.gradle).toBe(version)
  })

  test("code for 8 is compiled against that Java's own interface, in the install and in every run", async () => {
    const platform = '-Dquarry.platform=/env/gradle/java-8.jar'
    const [first] = await propose({ ...script('sourceCompatibility = 1.8'), ...wrapper('8.5') })
    const [invocation] = first?.invocations ?? []
    if (first === undefined || invocation === undefined) throw new Error('nothing is proposed')
    expect(first.strategy.install[0]?.argv).toContain(platform)
    expect((await recognise(invocation, first.project('.')))?.arguments).toContain(platform)
    const [later] = await propose({ ...script('sourceCompatibility = 11'), ...wrapper('8.5') })
    expect(later?.strategy.install[0]?.argv).not.toContain(platform)
  })

  test('what is asked for and what is used stand in the evidence', async () => {
    const [first] = await propose({ ...script(), ...wrapper('8.6') })
    const path = 'gradle/wrapper/gradle-wrapper.properties'
    expect(first?.strategy.evidence).toContain(`gradle 8.14 ← the nearest here to 8.6, which ${path} asks for`)
  })

  test('never one of an older line: what is missing is named, and where it was looked for', async () => {
    const [first, ...others] = await propose({ ...script(), ...wrapper('9.0.0') })
    expect(others).toEqual([])
    expect(first?.unfollowed).toMatchObject({
      reason: 'toolchain-not-available',
      evidence: {
        detail: 'gradle 9.0.0',
        looked: expect.stringContaining('GRADLE_HOME'),
        mend: expect.stringContaining('/opt'),
      },
    })
  })
})

describe('which Java', () => {
  test('one that this Gradle runs on', async () => {
    const versions = async (gradle: string, javas: string[]) => [
      ...new Set(
        (await propose({ ...script(), ...wrapper(gradle) }, [gradle], { javas })).map(
          ({ strategy }) => strategy.toolchain.java,
        ),
      ),
    ]
    expect(await versions('6.9', ['17', '11', '25'])).toEqual(['11.0.1'])
    expect(await versions('8.5', ['17', '25'])).toEqual(['17.0.1'])
    expect(await versions('9.1.0', ['11', '17', '25'])).toEqual(['17.0.1', '25.0.1'])
  })

  test.each([
    ['sourceCompatibility = 1.8', '11.0.1'],
    ['java { toolchain { languageVersion = JavaLanguageVersion.of(17) } }', '17.0.1'],
    ['kotlin { jvmToolchain(17) }', '17.0.1'],
    ['sourceCompatibility = JavaVersion.VERSION_1_8 // JavaVersion.VERSION_17', '11.0.1'],
    ['tasks.withType(JavaCompile) { options.release = 17 }', '17.0.1'],
  ])('that compiles %s', async (inner, version) => {
    const [first] = await propose({ ...script(inner), ...wrapper('8.5') })
    expect(first?.strategy.toolchain.java).toBe(version)
  })

  test('on which the build asks Gradle itself to run', async () => {
    const files = { ...script(), ...wrapper('8.14'), 'gradle/gradle-daemon-jvm.properties': 'toolchainVersion=17\n' }
    expect((await propose(files))[0]?.strategy.toolchain.java).toBe('17.0.1')
  })

  test('is named where no kit of the machine will do', async () => {
    const [first] = await propose({ ...script('sourceCompatibility = 21'), ...wrapper('8.5') })
    expect(first?.unfollowed?.evidence).toMatchObject({ detail: 'java 21', mend: expect.stringContaining('Java 21') })
    const [old] = await propose({ ...script(), ...wrapper('6.9') }, ['6.9'], { javas: ['17'] })
    expect(old?.unfollowed?.evidence).toMatchObject({ detail: 'java 8', mend: expect.stringContaining('8 to 15') })
  })

  test.each([
    ['4.4.1', 8, true],
    ['4.4.1', 17, false],
    ['4.4.1+debian', 17, true],
    ['4.4.1+debian', 25, false],
    ['7.3', 17, true],
    ['7.2', 17, false],
    ['9.1.0', 11, false],
    ['9.1.0', 25, true],
  ])('Gradle %s on Java %i: %s', (gradle, feature, expected) => {
    expect(runsOn(gradle, feature)).toBe(expected)
  })
})

describe('which modules', () => {
  const modules = {
    'settings.gradle.kts': 'include("core", "web")',
    'core/core.gradle.kts': '',
    'web/build.gradle.kts': '',
    ...wrapper('8.5'),
  }

  test('those that are touched are tested, in the install none is', async () => {
    const tests = ['web/src/test/java/ATest.java', 'web/src/integrationTest/java/BTest.java']
    const changed = ['core/src/main/java/A.java', 'web/static/a.js', 'build.gradle.kts']
    const [first] = await propose(modules, ['8.5'], { changed, tests })
    const words = ['-Dquarry.modules=core,web', '-Dquarry.sets=integrationTest']
    expect(first?.invocations[0]?.arguments).toEqual(expect.arrayContaining([...words, 'quarryTests']))
    expect(first?.strategy.install[0]?.argv).toEqual(
      expect.arrayContaining([...words, '-Dquarry.resolve', 'quarryTests']),
    )
    expect(first?.strategy.install[0]?.argv).not.toContain('--offline')
    expect(first?.strategy.prebuild?.[0]?.argv).toContain('--offline')
  })

  test('a build of one module is tested whole', async () => {
    const [first] = await propose({ ...script(), ...wrapper('8.5') }, ['8.5'], { tests: ['src/test/java/ATest.java'] })
    expect(first?.invocations[0]?.arguments.at(-1)).toBe('quarryTests')
    expect(first?.strategy.prebuild).toBeUndefined()
    expect(first?.strategy.compile?.[0]?.argv).toContain('-Dquarry.resolve')
  })
})

test("a layer's key holds what the build is made of, and a release is no new environment", async () => {
  const tree = memoryTree({
    ...{ 'settings.gradle': '', 'build.gradle': '', 'gradle.properties': 'version=1', 'gradle/libs.versions.toml': '' },
    ...{
      'buildSrc/src/main/groovy/a.groovy': '',
      'core/gradle.lockfile': '',
      'src/main/java/A.java': '',
      'README.md': '',
    },
    ...{ 'gradle/wrapper/gradle-wrapper.jar': '' },
  })
  expect((await java.keyPaths(tree)).toSorted()).toEqual([
    'build.gradle',
    'buildSrc/src/main/groovy/a.groovy',
    'core/gradle.lockfile',
    'gradle.properties',
    'gradle/libs.versions.toml',
    'settings.gradle',
  ])
  const key = (text: string) => java.keyContent('gradle.properties', text)
  expect(key('version=1.0\njunit=4')).toBe(key('version=1.1\njunit=4'))
  expect(key('version=1.0\njunit=4')).not.toBe(key('version=1.0\njunit=5'))
})

describe('the distributions of a machine', () => {
  let home: string
  const lay = async (folder: string, jar: string) => {
    for (const path of [join(folder, 'bin/gradle'), join(folder, 'lib', jar)]) {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, '')
      await chmod(path, 0o755)
    }
  }
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'gradles-'))
  })
  afterEach(() => rm(home, { recursive: true, force: true }))

  test('are those of wrappers, version managers, GRADLE_HOME and PATH; a program without its libraries is none', async () => {
    await lay(join(home, '.gradle/wrapper/dists/gradle-991.5-bin/abc/gradle-991.5'), 'gradle-core-991.5.jar')
    await lay(join(home, '.sdkman/candidates/gradle/992.1'), 'gradle-launcher-992.1.jar')
    await lay(join(home, 'named'), 'gradle-base-services-990.0.1.jar')
    await lay(join(home, 'on-path'), 'gradle-core-api-993.0-rc-1.jar')
    await lay(join(home, '.asdf/installs/gradle/994'), 'other.jar')
    await mkdir(join(home, 'bin'))
    await symlink(join(home, 'on-path/bin/gradle'), join(home, 'bin/gradle'))
    const found = await findGradles({ HOME: home, GRADLE_HOME: join(home, 'named'), PATH: join(home, 'bin') })
    expect(found.filter(({ version }) => version.startsWith('99')).map(({ version }) => version)).toEqual([
      '990.0.1',
      '991.5',
      '992.1',
      '993.0-rc-1',
    ])
  })
})

describe('a failed install', () => {
  const wrong = (text: string) =>
    `:compileJava\n\nFAILURE: Build failed with an exception.\n\n* What went wrong:\n${text}\n\n* Try:\nRun with --info\n`
  const substituted = 'gradle 4.4.1 is used, and 4.10 is asked for\n'
  test.each([
    [
      wrong(
        "Could not resolve all files for configuration ':testCompileClasspath'.\n> Could not find org.secret:thing:1.0.\n  Searched in the following locations:",
      ),
      'package-not-available',
      'org.secret:thing:1.0',
    ],
    [
      wrong('> Could not find any matches for org.secret:other:1.+ as no versions of it are available.'),
      'package-not-available',
      'org.secret:other:1.+',
    ],
    [
      wrong('> Could not resolve org.secret:thing:2.0.\n   > Could not get resource'),
      'package-not-available',
      'org.secret:thing:2.0',
    ],
    [
      wrong("Plugin [id: 'com.gone.plugin', version: '1.0'] was not found in any of the following sources:"),
      'package-not-available',
      'com.gone.plugin',
    ],
    [
      wrong("Failed to apply plugin [id 'x']\n> Minimum supported Gradle version is 6.7.1. Current version is 4.4.1."),
      'toolchain-not-available',
      'gradle 6.7.1',
    ],
    [
      wrong('> Current version of Gradle is not compatible with Kotlin plugin. Please use Gradle Gradle 4.9 or newer.'),
      'toolchain-not-available',
      'gradle 4.9',
    ],
    [wrong('SDK location not found. Define location with sdk.dir'), 'toolchain-not-available', 'android sdk'],
    [
      wrong('> No matching toolchains found for requested specification: {languageVersion=21, vendor=any}.'),
      'toolchain-not-available',
      'java 21',
    ],
    [
      substituted +
        wrong("A problem occurred evaluating root project 'm'.\n> Could not find method testImplementation()"),
      'toolchain-not-available',
      "gradle 4.10 (on 4.4.1: A problem occurred evaluating root project 'm'.; Could not find method testImplementation())",
    ],
    [
      wrong("A problem occurred evaluating root project 'm'.\n> it broke"),
      'install-failed',
      "A problem occurred evaluating root project 'm'.; it broke",
    ],
    [
      `/testbed/src/test/java/A.java:3: error: cannot find symbol\n${wrong("Execution failed for task ':compileTestJava'.")}`,
      'install-failed',
      "src/test/java/A.java:3: error: cannot find symbol; Execution failed for task ':compileTestJava'.",
    ],
  ])('%s', (log, reason, detail) => {
    expect(explainInstall(log)).toEqual({ reason, detail })
  })
})
