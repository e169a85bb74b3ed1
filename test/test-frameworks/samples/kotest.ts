import { dependency, plugin, pom, surefire } from './maven.ts'
import { inVersions, type Sample } from './types.ts'

const kotlin = (version: string, dependencies: readonly string[]) =>
  pom(
    [dependency('org.jetbrains.kotlin', 'kotlin-stdlib', version).replace('<scope>test</scope>', ''), ...dependencies],
    [
      surefire('3.5.4'),
      plugin(
        'kotlin-maven-plugin',
        version,
        '<executions><execution><id>compile</id><phase>compile</phase><goals><goal>compile</goal></goals></execution><execution><id>test-compile</id><phase>test-compile</phase><goals><goal>test-compile</goal></goals></execution></executions><configuration><jvmTarget>17</jvmTarget></configuration>',
        'org.jetbrains.kotlin',
      ),
    ],
    '<sourceDirectory>src/main/kotlin</sourceDirectory><testSourceDirectory>src/test/kotlin</testSourceDirectory>',
  )
export const kotestSamples: readonly Sample[] = inVersions(
  {
    framework: 'surefire',
    files: {
      'src/main/kotlin/shop/Cart.kt': 'package shop\n\nfun total(price: Int, pieces: Int) = price * pieces\n',
      'src/test/kotlin/shop/CartTest.kt': `package shop

import io.kotest.core.spec.style.*
import io.kotest.datatest.withData
import io.kotest.matchers.shouldBe

class CartTest : FunSpec({
  test("adds") { total(2, 3) shouldBe 6 }
  test("fails") { total(2, 3) shouldBe 5 }
  xtest("waits") { }
  context("inside") {
    test("adds") { }
    context("deeper") { test("fails") { throw IllegalStateException("as it should") } }
  }
  context("each") { withData(1, 2) { price -> total(price, 1) shouldBe 1 } }
})

class WordsTest : StringSpec({
  "a name. with (signs) > of its own" { }
  "fails" { 1 shouldBe 2 }
})

class QuietTest : FunSpec({
  context("inside") { test("adds") { } }
  xtest("waits") { }
})

class NoStartTest : DescribeSpec({
  beforeSpec { throw IllegalStateException("no start") }
  describe("cart") { it("never begins") { } }
})
`,
    },
    expected: {
      'src/test/kotlin/shop/CartTest.kt > CartTest': 'errored',
      'src/test/kotlin/shop/CartTest.kt > NoStartTest': 'errored',
      'src/test/kotlin/shop/CartTest.kt > QuietTest': 'passed',
      'src/test/kotlin/shop/CartTest.kt > WordsTest': 'errored',
    },
  },
  {
    '5.9': {
      'pom.xml': kotlin('1.9.24', [
        dependency('io.kotest', 'kotest-runner-junit5-jvm', '5.9.1'),
        dependency('io.kotest', 'kotest-assertions-core-jvm', '5.9.1'),
        dependency('io.kotest', 'kotest-framework-datatest-jvm', '5.9.1'),
      ]),
    },
  },
  'kotest-',
)
