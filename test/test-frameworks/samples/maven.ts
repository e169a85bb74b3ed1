import type { Files } from './types.ts'

export const dependency = (group: string, artifact: string, version: string) =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version><scope>test</scope></dependency>`
export const plugin = (artifact: string, version: string, inner = '', group = 'org.apache.maven.plugins') =>
  `<plugin><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>${inner}</plugin>`
export const pom = (
  dependencies: readonly string[],
  plugins: readonly string[],
  places = '',
) => `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.demo</groupId>
  <artifactId>shop</artifactId>
  <version>1.0</version>
  <properties>
    <maven.compiler.source>8</maven.compiler.source>
    <maven.compiler.target>8</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    ${dependencies.join('\n    ')}
  </dependencies>
  <build>${places}
    <plugins>
      ${plugins.join('\n      ')}
    </plugins>
  </build>
</project>
`
export const surefire = (version: string) => plugin('maven-surefire-plugin', version)
export const cart: Files = {
  'src/main/java/shop/Cart.java':
    'package shop;\n\npublic class Cart {\n  public static int total(int price, int pieces) { return price * pieces; }\n}\n',
}
/** Where the samples' tests are. */
export const tests = 'src/test/java/shop'
/** Of JUnit 4: a class that runs for each of two values, and one whose set-up throws. */
export const eachAndNoStart: Files = {
  [`${tests}/EachTest.java`]: `package shop;

import static org.junit.Assert.*;

import java.util.*;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;

@RunWith(Parameterized.class)
public class EachTest {
  private final int price;
  public EachTest(int price) { this.price = price; }
  @Parameterized.Parameters public static Collection<Object[]> prices() { return Arrays.asList(new Object[][] {{1}, {2}}); }
  @Test public void isOne() { assertEquals(1, Cart.total(price, 1)); }
}
`,
  [`${tests}/NoStartTest.java`]: `package shop;

import org.junit.*;

public class NoStartTest {
  @BeforeClass public static void start() { throw new IllegalStateException("no start"); }
  @Test public void neverBegins() {}
}
`,
}
