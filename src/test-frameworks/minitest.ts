import { startedByRuby } from './ruby-launch.ts'
import type { TestFramework } from './types.ts'

/** minitest, with its classes and its `describe`. */
export const minitest: TestFramework = startedByRuby(
  'minitest',
  /\bminitest\b|\bMini[Tt]est\b|\bActiveSupport::TestCase\b|active_support\/test_case/,
  'ruby_minitest.rb',
)
