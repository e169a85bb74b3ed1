import { cart, dependency, pom, surefire, tests } from './maven.ts'
import { type Files, inVersions, type Sample } from './types.ts'

const testngFiles: Files = {
  ...cart,
  [`${tests}/CartTest.java`]: `package shop;

import static org.testng.Assert.*;

import org.testng.SkipException;
import org.testng.annotations.*;

public class CartTest {
  @Test public void opens() {}
  @Test public void fails() { assertEquals(Cart.total(1, 1), 3); }
  @Test(dependsOnMethods = "fails") public void hangsOnIt() {}
  @Test(enabled = false) public void waits() {}
  @Test public void skipsItself() { throw new SkipException("now"); }
  @Test(expectedExceptions = IllegalStateException.class) public void isExpected() { throw new IllegalStateException(); }
  @Test(invocationCount = 2) public void again() {}
  @DataProvider public Object[][] prices() { return new Object[][] {{1, new Object()}, {2, new Object()}}; }
  @Test(dataProvider = "prices") public void each(int price, Object other) { assertEquals(Cart.total(price, 1), 1); }
}
`,
  [`${tests}/NoStartTest.java`]: `package shop;

import org.testng.annotations.*;

public class NoStartTest {
  @BeforeMethod public void start() { throw new IllegalStateException("no start"); }
  @Test public void neverBegins() {}
}
`,
}
const testngExpected = {
  [`${tests}/CartTest.java > CartTest > opens`]: 'passed',
  [`${tests}/CartTest.java > CartTest > fails`]: 'failed',
  [`${tests}/CartTest.java > CartTest > hangsOnIt`]: 'skipped',
  [`${tests}/CartTest.java > CartTest > skipsItself`]: 'skipped',
  [`${tests}/CartTest.java > CartTest > isExpected`]: 'passed',
  [`${tests}/CartTest.java > CartTest > again`]: 'passed',
  [`${tests}/CartTest.java > CartTest > again (2)`]: 'passed',
  [`${tests}/NoStartTest.java > NoStartTest > start`]: 'failed',
  [`${tests}/NoStartTest.java > NoStartTest > neverBegins`]: 'skipped',
} as const
/** What a call with a data provider's values is called, with the first and with the second, was changed in Surefire 3. */
const calls = (one: string, other: string) => ({
  [`${tests}/CartTest.java > CartTest > ${one}`]: 'passed' as const,
  [`${tests}/CartTest.java > CartTest > ${other}`]: 'failed' as const,
})
export const testngSamples: readonly Sample[] = [
  ...inVersions(
    { framework: 'surefire', files: testngFiles, expected: { ...testngExpected, ...calls('each', 'each (2)') } },
    { '6.14': { 'pom.xml': pom([dependency('org.testng', 'testng', '6.14.3')], [surefire('2.22.2')]) } },
    'testng-',
  ),
  ...inVersions(
    {
      framework: 'surefire',
      files: testngFiles,
      expected: { ...testngExpected, ...calls('each[1, java.lang.Object](1)', 'each[2, java.lang.Object](2)') },
    },
    { '7.5': { 'pom.xml': pom([dependency('org.testng', 'testng', '7.5.1')], [surefire('3.5.4')]) } },
    'testng-',
  ),
]
