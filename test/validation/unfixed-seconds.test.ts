import { expect, test } from 'vitest'
import { gradeSeconds } from '../../src/grade/limits.ts'
import { unfixedSeconds } from '../../src/validation/unfixed-seconds.ts'

test.each([0, 5, 60, 205, 600])(
  'an unfixed state has longer than any grade, where the fixed one took %d s',
  (seconds) => {
    const most = Number.MAX_SAFE_INTEGER
    expect(unfixedSeconds({ seconds })).toBeGreaterThan(gradeSeconds({ afterSeconds: seconds }, most))
    expect(unfixedSeconds({ seconds })).toBeGreaterThanOrEqual(Math.max(180, 5 * seconds))
  },
)
