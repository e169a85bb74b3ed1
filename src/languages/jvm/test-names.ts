/** Annotations of JUnit 4 and 5, TestNG, jqwik that make a method a test. */
export const testAnnotations: ReadonlySet<string> = new Set([
  'Test',
  'ParameterizedTest',
  'RepeatedTest',
  'TestFactory',
  'TestTemplate',
  'Theory',
  'Property',
  'Example',
])

/** Annotations that make a class hold tests, wherever its tests are. */
export const testClassAnnotations: ReadonlySet<string> = new Set(['Nested', 'RunWith', 'SelectClasses', 'Suite'])

/** Classes to inherit from to be a test: JUnit 3's, and Kotest's styles. */
export const testParents =
  /(?:^|\.)(?:\w*TestCase|StringSpec|FunSpec|DescribeSpec|BehaviorSpec|ShouldSpec|WordSpec|FreeSpec|FeatureSpec|ExpectSpec|AnnotationSpec)$/

/** Packages that only tests need. */
const testPackages =
  /^(?:org\.junit|junit\.framework|org\.testng|org\.hamcrest|org\.mockito|org\.assertj|io\.kotest|io\.mockk|kotlin\.test|org\.powermock|net\.jqwik|org\.easymock|com\.google\.common\.truth)\b/

export function isTestPackage(name: string): boolean {
  return testPackages.test(name)
}

/** `org.junit.Test` → `Test`. */
export function lastName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}
