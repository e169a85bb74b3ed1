import { cart, eachAndNoStart, tests } from './maven.ts'
import type { Sample } from './types.ts'

/** For Debian's Gradle, which is the one that machines of tests have. */
const script = (dependency: string, more = '') =>
  `apply plugin: 'java'\nsourceCompatibility = 1.8\nrepositories { mavenCentral() }\ndependencies { testImplementation '${dependency}' }\n${more}`

export const gradleSamples: readonly Sample[] = [
  {
    framework: 'gradle-test',
    name: 'junit4-4.4',
    asOf: '2026-06-01',
    files: {
      ...cart,
      'gradle/wrapper/gradle-wrapper.properties':
        'distributionUrl=https\\://services.invalid/distributions/gradle-4.4-bin.zip\n',
      'settings.gradle': "rootProject.name = 'shop'\n",
      'build.gradle': script('junit:junit:4.13.2'),
      [`${tests}/OldTest.java`]: `package shop;

public class OldTest extends junit.framework.TestCase {
  public void testOpens() { System.out.println("OldTest > testFails PASSED"); }
  public void testFails() { assertEquals(1, 2); }
}
`,
      [`${tests}/FourTest.java`]: `package shop;

import static org.junit.Assert.*;
import static org.junit.Assume.*;

import org.junit.*;

public class FourTest {
  @Test public void opens() {}
  @Test public void fails() { assertEquals(3, Cart.total(1, 1)); }
  @Test public void errs() { throw new IllegalStateException("as it should"); }
  @Ignore("later") @Test public void waits() {}
  @Test public void isNotForHere() { assumeTrue(false); }
}
`,
      ...eachAndNoStart,
    },
    expected: {
      [`${tests}/OldTest.java > OldTest > testOpens`]: 'passed',
      [`${tests}/OldTest.java > OldTest > testFails`]: 'failed',
      [`${tests}/FourTest.java > FourTest > opens`]: 'passed',
      [`${tests}/FourTest.java > FourTest > fails`]: 'failed',
      [`${tests}/FourTest.java > FourTest > errs`]: 'failed',
      [`${tests}/FourTest.java > FourTest > waits`]: 'skipped',
      [`${tests}/FourTest.java > FourTest > isNotForHere`]: 'skipped',
      [`${tests}/EachTest.java > EachTest > isOne[0]`]: 'passed',
      [`${tests}/EachTest.java > EachTest > isOne[1]`]: 'failed',
      [`${tests}/NoStartTest.java > NoStartTest`]: 'errored',
    },
  },
]
