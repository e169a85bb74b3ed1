import { cart, dependency, eachAndNoStart, pom, surefire, tests } from './maven.ts'
import { type Files, inVersions, type Sample } from './types.ts'

/** JUnit 3 and 4 beside each other, as JUnit 4's own runner tells them. */
const junit4 = inVersions(
  {
    framework: 'surefire',
    files: {
      ...cart,
      [`${tests}/OldTest.java`]: `package shop;

public class OldTest extends junit.framework.TestCase {
  public void testOpens() {}
  public void testFails() { assertEquals(1, 2); }
  public void testErrs() { throw new IllegalStateException("as it should"); }
}
`,
      [`${tests}/FourTest.java`]: `package shop;

import static org.junit.Assert.*;
import static org.junit.Assume.*;

import org.junit.*;
import org.junit.rules.*;

public class FourTest {
  @Rule public ExpectedException thrown = ExpectedException.none();
  @Test public void opens() {}
  @Test public void fails() { assertEquals(3, Cart.total(1, 1)); }
  @Test public void prints() { System.out.println("Tests run: 9, Failures: 0"); System.err.println("<testcase name='fails'/>"); }
  @Test(expected = IllegalStateException.class) public void isExpected() { throw new IllegalStateException(); }
  @Test(timeout = 100) public void isLate() throws Exception { Thread.sleep(5000); }
  @Ignore("later") @Test public void waits() {}
  @Test public void isNotForHere() { assumeTrue(false); }
}
`,
      ...eachAndNoStart,
    },
    expected: {
      [`${tests}/OldTest.java > OldTest > testOpens`]: 'passed',
      [`${tests}/OldTest.java > OldTest > testFails`]: 'failed',
      [`${tests}/OldTest.java > OldTest > testErrs`]: 'failed',
      [`${tests}/FourTest.java > FourTest > opens`]: 'passed',
      [`${tests}/FourTest.java > FourTest > fails`]: 'failed',
      [`${tests}/FourTest.java > FourTest > prints`]: 'passed',
      [`${tests}/FourTest.java > FourTest > isExpected`]: 'passed',
      [`${tests}/FourTest.java > FourTest > isLate`]: 'failed',
      [`${tests}/FourTest.java > FourTest > waits`]: 'skipped',
      [`${tests}/FourTest.java > FourTest > isNotForHere`]: 'skipped',
      [`${tests}/EachTest.java > EachTest > isOne[0]`]: 'passed',
      [`${tests}/EachTest.java > EachTest > isOne[1]`]: 'failed',
      [`${tests}/NoStartTest.java > NoStartTest`]: 'errored',
    },
  },
  {
    '2.12': { 'pom.xml': pom([dependency('junit', 'junit', '4.11')], [surefire('2.12.4')]) },
    '2.22': { 'pom.xml': pom([dependency('junit', 'junit', '4.13.2')], [surefire('2.22.2')]) },
    '3.5': { 'pom.xml': pom([dependency('junit', 'junit', '4.13.2')], [surefire('3.5.4')]) },
  },
  'junit4-',
)

const junit5Files: Files = {
  ...cart,
  [`${tests}/CartTest.java`]: `package shop;

import static org.junit.jupiter.api.Assertions.*;

import java.util.stream.Stream;
import org.junit.jupiter.api.*;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.*;

class CartTest {
  @Test void opens() {}
  @Test @DisplayName("is shown otherwise") void isCalledSo() {}
  @Test void fails() { assertEquals(3, Cart.total(1, 1)); }
  @Test void errs() { throw new IllegalStateException("as it should"); }
  @Disabled @Test void waits() {}
  @Test void isNotForHere() { Assumptions.assumeTrue(false); }
  @ParameterizedTest @ValueSource(ints = {1, 2}) void each(int price) { assertEquals(1, Cart.total(price, 1)); }
  @ParameterizedTest(name = "{0} and {1}") @CsvSource({"a,b", "a,b"}) void named(String one, String other) {}
  @RepeatedTest(2) void again() {}
  @TestFactory Stream<DynamicNode> made() {
    return Stream.of(
        DynamicTest.dynamicTest("one", () -> {}),
        DynamicContainer.dynamicContainer("inside", Stream.of(DynamicTest.dynamicTest("two", () -> fail("made to")))));
  }
  @Nested class Inner {
    @Test void looksIn() {}
    @Nested class Innermost {
      @Test void looksIn() { fail("as it should"); }
    }
  }
}
`,
  [`${tests}/NoStartTest.java`]: `package shop;

import org.junit.jupiter.api.*;

class NoStartTest {
  @BeforeAll static void start() { throw new IllegalStateException("no start"); }
  @Test void neverBegins() {}
}
`,
  // The fork dies, and takes the classes behind it along.
  [`${tests}/LeavingTest.java`]: `package shop;

import org.junit.jupiter.api.Test;

class LeavingTest {
  @Test void leaves() { System.exit(0); }
}
`,
  [`${tests}/ZebraTest.java`]: `package shop;

import org.junit.jupiter.api.Test;

class ZebraTest {
  @Test void comesLast() {}
}
`,
}

/** How a method's parameters stand in its name was changed in Surefire 3. */
const junit5Expected = (named: (parameters: string) => string) => ({
  [`${tests}/CartTest.java > CartTest > opens`]: 'passed' as const,
  [`${tests}/CartTest.java > CartTest > isCalledSo`]: 'passed' as const,
  [`${tests}/CartTest.java > CartTest > fails`]: 'failed' as const,
  [`${tests}/CartTest.java > CartTest > errs`]: 'failed' as const,
  [`${tests}/CartTest.java > CartTest > waits`]: 'skipped' as const,
  [`${tests}/CartTest.java > CartTest > isNotForHere`]: 'skipped' as const,
  [`${tests}/CartTest.java > CartTest > each${named('int')}[1]`]: 'passed' as const,
  [`${tests}/CartTest.java > CartTest > each${named('int')}[2]`]: 'failed' as const,
  [`${tests}/CartTest.java > CartTest > named${named('String, String')}[1]`]: 'passed' as const,
  [`${tests}/CartTest.java > CartTest > named${named('String, String')}[2]`]: 'passed' as const,
  [`${tests}/CartTest.java > CartTest > again${named('')}[1]`]: 'passed' as const,
  [`${tests}/CartTest.java > CartTest > again${named('')}[2]`]: 'passed' as const,
  [`${tests}/CartTest.java > CartTest > made${named('')}[1]`]: 'passed' as const,
  [`${tests}/CartTest.java > CartTest > made${named('')}[2][1]`]: 'failed' as const,
  [`${tests}/CartTest.java > CartTest > Inner > looksIn`]: 'passed' as const,
  [`${tests}/CartTest.java > CartTest > Inner > Innermost > looksIn`]: 'failed' as const,
  [`${tests}/LeavingTest.java > LeavingTest`]: 'errored' as const,
})
const junit5 = [
  ...inVersions(
    {
      framework: 'surefire',
      files: junit5Files,
      expected: junit5Expected((parameters) => (parameters === '' ? '' : `{${parameters}}`)),
    },
    {
      '2.22': {
        'pom.xml': pom([dependency('org.junit.jupiter', 'junit-jupiter', '5.4.2')], [surefire('2.22.2')]),
      },
    },
    'junit5-',
  ),
  ...inVersions(
    { framework: 'surefire', files: junit5Files, expected: junit5Expected((parameters) => `(${parameters})`) },
    {
      '3.5': {
        'pom.xml': pom([dependency('org.junit.jupiter', 'junit-jupiter', '5.13.4')], [surefire('3.5.4')]),
      },
    },
    'junit5-',
  ),
]

export const junitSamples: readonly Sample[] = [...junit4, ...junit5]
