import { describe, expect, test } from 'vitest'
import { explainInstall } from '../../../src/ecosystems/java/explain.ts'
import { java } from '../../../src/ecosystems/java/index.ts'
import { standIns } from '../../../src/ecosystems/java/removed-modules.ts'
import { memoryTree } from '../../memory-tree.ts'

const model = (inner: string, artifact = 'shop') =>
  `<project><groupId>org.demo</groupId><artifactId>${artifact}</artifactId><version>1.0</version>${inner}</project>`
const child = (artifact: string, inner = '') =>
  `<project><parent><groupId>org.demo</groupId><artifactId>shop</artifactId><version>1.0</version></parent><artifactId>${artifact}</artifactId>${inner}</project>`
const reactor = {
  'pom.xml': model(
    '<packaging>pom</packaging><modules><module>core</module><module>web</module><module>docs</module></modules>',
  ),
  'core/pom.xml': child('shop-core'),
  'web/pom.xml': child('shop-web'),
  'docs/pom.xml': child('shop-docs'),
}

/** A machine with these Javas and Mavens. */
function propose(
  files: Readonly<Record<string, unknown>>,
  changed: readonly string[] = [],
  javas = ['17', '25'],
  tests: readonly string[] = [],
) {
  return java.propose({
    tree: memoryTree(files),
    changedPaths: changed,
    testPaths: tests,
    mergedAt: new Date('2024-05-01'),
    tools: {
      resolveVersion: async (name, wanted) => {
        if (name === 'java') return javas.includes(wanted) ? `${wanted}.0.1` : null
        return name === 'maven' && ['^3.9.0', '3.9.9', '3.8.1'].includes(wanted) ? wanted.replace('^', '') : null
      },
    },
    recognises: async () => true,
    gateway: 'http://127.0.0.1:4873',
  })
}

const level = (release: string) =>
  model(`<properties><maven.compiler.release>${release}</maven.compiler.release></properties>`)
const workflow = (versions: string) =>
  `jobs:\n  test:\n    runs-on: ubuntu-latest\n    strategy:\n      matrix:\n        java: ${versions}\n    steps:\n      - uses: actions/setup-java@v4\n        with:\n          java-version: \${{ matrix.java }}\n      - run: mvn test\n`

describe('which Java', () => {
  test.each([
    ['the lowest that can serve', { 'pom.xml': level('8') }, '17.0.1'],
    ['one that compiles for the level', { 'pom.xml': level('21') }, '25.0.1'],
    [
      'what the workflow tests with',
      { 'pom.xml': level('8'), '.github/workflows/ci.yml': workflow('[11, 25]') },
      '25.0.1',
    ],
    [
      "a level in the compiler's configuration, by a property of the parent",
      {
        'pom.xml': model(
          '<packaging>pom</packaging><properties><level>21</level></properties><modules><module>core</module></modules>',
        ),
        'core/pom.xml': child(
          'shop-core',
          '<build><plugins><plugin><artifactId>maven-compiler-plugin</artifactId><configuration><release>${level}</release></configuration></plugin></plugins></build>',
        ),
      },
      '25.0.1',
    ],
    [
      'what the enforcer demands',
      {
        'pom.xml': model(
          '<build><plugins><plugin><artifactId>maven-enforcer-plugin</artifactId><executions><execution><configuration><rules><requireJavaVersion><version>[21,)</version></requireJavaVersion></rules></configuration></execution></executions></plugin></plugins></build>',
        ),
      },
      '25.0.1',
    ],
  ])('%s', async (_, files, version) => {
    const [first] = await propose(files)
    expect(first?.strategy.toolchain.java).toBe(version)
  })

  test('is named where the machine has none that can serve', async () => {
    const [first] = await propose({ 'pom.xml': level('21') }, [], ['17'])
    expect(first?.unfollowed).toMatchObject({ reason: 'toolchain-not-available', evidence: { detail: 'java 21' } })
    const [none] = await propose({ 'pom.xml': level('8') }, [], [])
    expect(none?.unfollowed).toMatchObject({ reason: 'toolchain-not-available', evidence: { detail: 'java 8' } })
  })
})

test('what Java 8 had open is opened to code that was made for it, unless the workflow tests without', async () => {
  const opened = '--add-opens=java.base/java.lang=ALL-UNNAMED'
  const wordsOf = async (files: Readonly<Record<string, unknown>>) =>
    (await propose(files))[0]?.invocations[0]?.arguments.join(' ')
  expect(await wordsOf({ 'pom.xml': level('8') })).toContain(opened)
  expect(await wordsOf({ 'pom.xml': level('11') })).not.toContain(opened)
  const tested = { 'pom.xml': level('8'), '.github/workflows/ci.yml': workflow('[8, 17]') }
  expect(await wordsOf(tested)).not.toContain(opened)
})

test('what mocks and security managers need to be told of a later Java is told, unless the workflow tests with it', async () => {
  const forkOf = async (files: Readonly<Record<string, unknown>>, java: string) =>
    (await propose(files, [], [java]))[0]?.invocations[0]?.arguments.filter((word) => word.includes('.fork')).join(' ')
  const experimental = '-Dnet.bytebuddy.experimental=true'
  expect(await forkOf({ 'pom.xml': level('11') }, '17')).toBe(`-Dquarry.fork=${experimental}`)
  expect(await forkOf({ 'pom.xml': level('11') }, '21')).toBe(
    `-Dquarry.fork=${experimental} -Djava.security.manager=allow`,
  )
  expect(await forkOf({ 'pom.xml': level('11') }, '25')).toBe(`-Dquarry.fork=${experimental}`)
  expect(await forkOf({ 'pom.xml': level('8') }, '17')).toContain(` ${experimental}`)
  expect(await forkOf({ 'pom.xml': level('17') }, '17')).toBe('')
  expect(await forkOf({ 'pom.xml': level('11'), '.github/workflows/ci.yml': workflow('[17]') }, '17')).toBe('')
})

describe('what Java lost with 11', () => {
  const speaking = { 'src/main/java/A.java': 'import javax.annotation.*;\nimport javax.xml.bind.JAXB;\n' }
  const all =
    '-Dquarry.removed=javax.annotation:javax.annotation-api:1.3.2,javax.xml.bind:jaxb-api:2.3.1,org.glassfish.jaxb:jaxb-runtime:2.3.1'

  test('is stood in for in code that was made for 8 and speaks of it, unless the workflow tests without', async () => {
    const asks = async (files: Readonly<Record<string, unknown>>, java = '17') => {
      const [first] = await propose({ ...speaking, ...files }, [], [java])
      const words = [first?.strategy.install[0]?.argv, first?.invocations[0]?.arguments]
      return words.map((given) => given?.find((word) => word.startsWith('-Dquarry.removed')))
    }
    expect(await asks({ 'pom.xml': level('8') })).toEqual([all, all])
    expect(await asks({ 'pom.xml': level('8') }, '9')).toEqual([undefined, undefined])
    expect(await asks({ 'pom.xml': level('11') })).toEqual([undefined, undefined])
    expect(await asks({ 'pom.xml': level('8'), 'src/main/java/A.java': '' })).toEqual([undefined, undefined])
    const tested = { 'pom.xml': level('8'), '.github/workflows/ci.yml': workflow('[8, 17]') }
    expect(await asks(tested)).toEqual([undefined, undefined])
  })

  test.each([
    ['import javax.annotation.Nullable;\nimport javax.annotation.processing.Processor;', '', []],
    ['@javax.annotation.Generated("x")', '', ['javax.annotation:javax.annotation-api:1.3.2']],
    ['import javax.annotation.PostConstruct;', '<artifactId>jsr250-api</artifactId>', []],
    ['import javax.xml.bind.JAXB;', '<artifactId>jakarta.xml.bind-api</artifactId>', []],
    ['import javax.jws.WebService;', '', ['javax.jws:javax.jws-api:1.1']],
    ['import javax.transaction.Transaction;', '<artifactId>javaee-api</artifactId>', []],
  ])('for %s with a model of %j', async (source, inner, artifacts) => {
    const tree = memoryTree({ 'pom.xml': '<project/>', 'core/pom.xml': inner, 'core/src/main/kotlin/A.kt': source })
    expect(await standIns(tree)).toEqual(artifacts)
  })
})

test('annotation processors are run from Java 23 on, unless the workflow tests with it', async () => {
  const asks = async (files: Readonly<Record<string, unknown>>, java: string) =>
    (await propose(files, [], [java]))[0]?.invocations[0]?.arguments.includes('-Dquarry.processors')
  expect(await asks({ 'pom.xml': level('8') }, '22')).toBe(false)
  expect(await asks({ 'pom.xml': level('8') }, '23')).toBe(true)
  const tested = { 'pom.xml': level('8'), '.github/workflows/ci.yml': workflow('[8, 23]') }
  expect(await asks(tested, '23')).toBe(false)
})

test("code for 8 is compiled against that Java's own interface, unless its workflow tests without", async () => {
  const asks = async (files: Readonly<Record<string, unknown>>, java = '17') => {
    const [first] = await propose(files, [], [java])
    const words = [
      first?.strategy.install[0]?.argv,
      first?.invocations[0]?.arguments,
      first?.strategy.compile?.[0]?.argv,
    ]
    return words.map((given) => given?.find((word) => word.startsWith('-Dquarry.platform')))
  }
  const tests = (javas: string) => ({ 'pom.xml': level('8'), '.github/workflows/ci.yml': workflow(javas) })
  const jar = '-Dquarry.platform=/env/maven/java-8.jar'
  expect(await asks({ 'pom.xml': level('8') })).toEqual([jar, jar, jar])
  expect(await asks(tests('[8, 11]'))).toEqual([jar, jar, jar])
  for (const files of [{ 'pom.xml': level('11') }, tests('[8, 17]'), tests('[11]')])
    expect(await asks(files)).toEqual([undefined, undefined, undefined])
  expect(await asks({ 'pom.xml': level('8') }, '8')).toEqual([undefined, undefined, undefined])
})

test("code that says 8 and uses what later Javas brought has a strategy with the kit's own classes", async () => {
  const named = async (files: Readonly<Record<string, unknown>>) =>
    (await propose(files, [], ['17'])).map(({ strategy }) => strategy.name)
  expect((await named({ 'pom.xml': level('8') })).slice(0, 2)).toEqual(['maven', 'maven-own-platform'])
  expect(await named({ 'pom.xml': level('11') })).not.toContain('maven-own-platform')
  const [, own] = await propose({ 'pom.xml': level('8') }, [], ['17'])
  expect(own?.strategy.install[0]?.argv.filter((word) => word.startsWith('-Dquarry.platform'))).toEqual([])
  const travis = (jdk: string) => ({ 'pom.xml': level('8'), '.travis.yml': `language: java\njdk: [${jdk}]\n` })
  expect(await named(travis('openjdk8, openjdk11'))).toContain('maven-own-platform')
  expect(await named(travis('openjdk11, openjdk15'))).not.toContain('maven-own-platform')
})

test('an install is another one where there are other sets of sources, and the same with more of their files', async () => {
  const setsOf = async (...paths: string[]) => {
    const files = Object.fromEntries(paths.map((path) => [path, '']))
    const [first] = await propose({ 'pom.xml': level('8'), ...files }, [], ['17'])
    return first?.strategy.install[0]?.variables
  }
  const main = 'src/main/java/shop/Cart.java'
  expect(await setsOf(main)).toEqual(await setsOf(main, 'src/main/java/shop/Line.java'))
  expect(await setsOf(main)).not.toEqual(await setsOf(main, 'src/test/java/shop/CartTest.java'))
})

describe('which Maven', () => {
  const wrapper = (version: string) => ({
    '.mvn/wrapper/maven-wrapper.properties': `distributionUrl=https://repo.invalid/org/apache/maven/apache-maven/${version}/apache-maven-${version}-bin.zip\n`,
  })

  test.each([
    ["the wrapper's", wrapper('3.8.1'), '3.8.1'],
    ["the usual one where the wrapper's is not to be had", wrapper('3.0.5'), '3.9.0'],
    ['the usual one', {}, '3.9.0'],
  ])('%s', async (_, files, version) => {
    const [first] = await propose({ 'pom.xml': level('8'), ...files })
    expect(first?.strategy.toolchain.maven).toBe(version)
  })
})

test('a reactor builds what is touched and what that needs, and tests what is touched', async () => {
  const changed = ['core/src/main/java/A.java', 'web/src/test/java/BTest.java', 'README.md']
  const [first, ...others] = await propose(reactor, changed)
  const packed = others.find(({ strategy }) => strategy.name === 'maven-package')
  const words = ['--projects', ':shop-core,:shop-web', '--also-make', '-Dquarry.modules=core,web']
  expect(first?.invocations[0]?.arguments).toEqual(expect.arrayContaining([...words, 'test']))
  expect(first?.strategy.install[0]?.argv).toEqual(expect.arrayContaining([...words, '-Dquarry.resolve', 'test']))
  expect(first?.strategy.prebuild?.[0]?.argv.at(-1)).toBe('test-compile')
  expect(packed?.invocations[0]?.arguments).toEqual(expect.arrayContaining([...words, 'package']))
})

test('one module alone is compiled ahead for the repeated runs of a state, and not for a base', async () => {
  const [first] = await propose({ 'pom.xml': model('') })
  expect(first?.strategy.prebuild).toBeUndefined()
  expect(first?.strategy.compile?.[0]?.argv.at(-1)).toBe('test-compile')
})

test("the workflow's profiles are on, where a model has them", async () => {
  const files = {
    'pom.xml': model('<profiles><profile><id>slow</id></profile></profiles>'),
    '.github/workflows/ci.yml': workflow('[17]').replace('mvn test', './mvnw -B -Pslow,unknown verify'),
  }
  const [first] = await propose(files)
  expect(first?.invocations[0]?.arguments).toEqual(['-Pslow', 'test'])
})

test('a model that is none is refused with its name', async () => {
  const [first] = await propose({ ...reactor, 'web/pom.xml': '<project>' })
  expect(first?.unfollowed).toMatchObject({
    reason: 'install-failed',
    evidence: { detail: 'web/pom.xml is no project model' },
  })
})

test('a build that only Gradle knows is refused with the Gradle that it asks for', async () => {
  const wrapper = 'distributionUrl=https\\://services.invalid/distributions/gradle-8.5-bin.zip\n'
  const files = { 'settings.gradle.kts': '', 'gradle/wrapper/gradle-wrapper.properties': wrapper }
  expect(java.detect(memoryTree(files))).toBe(true)
  const [first] = await propose(files)
  expect(first?.unfollowed).toMatchObject({ reason: 'toolchain-not-available', evidence: { detail: 'gradle 8.5' } })
  const [both] = await propose({ ...files, 'pom.xml': level('8') })
  expect(both?.unfollowed).toBeUndefined()
})

test("a layer's key holds the models, and of these nothing that only people read", async () => {
  const tree = memoryTree({
    ...reactor,
    '.mvn/maven.config': '-T4',
    'src/it/pom.xml': '<project/>',
    'README.md': '',
  })
  expect((await java.keyPaths(tree)).toSorted()).toEqual([
    '.mvn/maven.config',
    'core/pom.xml',
    'docs/pom.xml',
    'pom.xml',
    'web/pom.xml',
  ])
  const said = java.keyContent('pom.xml', model('<description>A shop</description><!-- new -->'))
  expect(said).toBe(java.keyContent('pom.xml', model('<description>The shop</description>')))
  expect(said).not.toBe(java.keyContent('pom.xml', model('<packaging>war</packaging>')))
})

test("a layer holds nothing of the repository's own, and other versions of it stay", async () => {
  const derived = await java.derivedPaths(memoryTree(reactor))
  expect(derived).toContain('.quarry/m2/org/demo/shop-core/1.0/**')
  expect(derived).not.toContain('.quarry/m2/org/demo/shop-core/**')
})

describe('a failed install', () => {
  test.each([
    [
      '[ERROR] Failed to execute goal on project shop: Could not find artifact org.demo:gone:jar:2.0 in gateway (http://127.0.0.1:4873/~maven)',
      'package-not-available',
      'org.demo:gone:jar:2.0',
    ],
    [
      '[ERROR] Could not transfer artifact org.demo:base:pom:1-SNAPSHOT from/to gateway: status code: 403, reason phrase: Forbidden',
      'package-not-available',
      'org.demo:base:pom:1-SNAPSHOT',
    ],
    [
      '[ERROR] Fatal error compiling: error: release version 21 not supported -> [Help 1]',
      'toolchain-not-available',
      'java 21',
    ],
    ['[ERROR] class file has wrong version 65.0, should be 61.0', 'toolchain-not-available', 'java 21'],
    [
      'Could not find a valid Docker environment. Please see logs',
      'needs-service',
      'Could not find a valid Docker environment',
    ],
    [
      '[ERROR] COMPILATION ERROR : \n[ERROR] /testbed/A.java:[1,2] cannot find symbol\n[ERROR] Failed to execute goal x -> [Help 1]',
      'build-failed',
      '/testbed/A.java:[1,2] cannot find symbol; Failed to execute goal x',
    ],
    [
      '[INFO] x\n[ERROR] Failed to execute goal a:b:1:run: it broke -> [Help 1]\n[ERROR] ',
      'install-failed',
      'Failed to execute goal a:b:1:run: it broke',
    ],
  ])('%s', (log, reason, detail) => {
    expect(explainInstall(log)).toEqual({ reason, detail })
  })
})

describe("Failsafe's tests", () => {
  const failsafe = '<build><plugins><plugin><artifactId>maven-failsafe-plugin</artifactId></plugin></plugins></build>'
  const inParent = {
    'pom.xml': model(`<packaging>pom</packaging><modules><module>core</module></modules>${failsafe}`),
    'core/pom.xml': child('shop-core'),
  }
  const namesOf = async (files: Readonly<Record<string, unknown>>, test: string) => {
    const proposals = await propose(files, [test], ['17'], [test])
    return proposals.map(({ strategy }) => strategy.name)
  }

  test('have a run of their own beside those of Surefire', async () => {
    const [first] = await propose({ 'pom.xml': model(failsafe) }, [], ['17'], ['src/test/java/shop/CartIT.java'])
    expect(first?.strategy.install.map(({ argv }) => argv.at(-1))).toEqual(['verify'])
    const runs = first?.invocations.map(({ arguments: given }) => given.filter((word) => !/fork|platform/.test(word)))
    expect(runs).toEqual([['test'], ['-Dquarry.plugin=maven-failsafe-plugin', 'verify']])
  })

  test('are those by its names in a module that has it, by its parent or itself', async () => {
    expect(await namesOf(inParent, 'core/src/test/kotlin/CartITCase.kt')).toContain('maven-verify')
    expect(await namesOf(inParent, 'core/src/test/java/CartTest.java')).not.toContain('maven-verify')
    expect(await namesOf(reactor, 'core/src/test/java/ITCart.java')).not.toContain('maven-verify')
  })
})
