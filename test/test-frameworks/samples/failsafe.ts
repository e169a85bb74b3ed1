import { cart, dependency, plugin, pom, surefire, tests } from './maven.ts'
import type { Sample } from './types.ts'

export const failsafeSample: Sample = {
  framework: 'surefire',
  name: 'failsafe-3.5',
  asOf: '2026-06-01',
  strategy: 'maven-verify',
  plan: 1,
  files: {
    ...cart,
    'pom.xml': pom(
      [dependency('org.junit.jupiter', 'junit-jupiter', '5.13.4')],
      [
        surefire('3.5.4'),
        plugin(
          'maven-failsafe-plugin',
          '3.5.4',
          '<executions><execution><goals><goal>integration-test</goal><goal>verify</goal></goals></execution></executions>',
        ),
      ],
    ),
    [`${tests}/CartTest.java`]: `package shop;

import org.junit.jupiter.api.*;

class CartTest {
  @Test void fails() { Assertions.fail("no test of Failsafe's"); }
}
`,
    [`${tests}/CartIT.java`]: `package shop;

import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.*;

class CartIT {
  @Test void opens() {}
  @Test void fails() { assertEquals(3, Cart.total(1, 1)); }
  @Disabled @Test void waits() {}
}
`,
    [`${tests}/LeavingIT.java`]: `package shop;

import org.junit.jupiter.api.Test;

class LeavingIT {
  @Test void leaves() { System.exit(0); }
}
`,
  },
  expected: {
    [`${tests}/CartIT.java > CartIT > opens`]: 'passed',
    [`${tests}/CartIT.java > CartIT > fails`]: 'failed',
    [`${tests}/CartIT.java > CartIT > waits`]: 'skipped',
    [`${tests}/LeavingIT.java > LeavingIT`]: 'errored',
  },
}
