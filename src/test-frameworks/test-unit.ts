import { startedByRuby } from './ruby-launch.ts'
import type { TestFramework } from './types.ts'

/** test-unit, which Ruby's own libraries are tested with. */
export const testUnit: TestFramework = startedByRuby(
  'test-unit',
  /\btest[/-]unit\b|\bTest::Unit\b/,
  'ruby_test_unit.rb',
)
