import { failsafeSample } from './failsafe.ts'
import { goSamples } from './go.ts'
import { gradleSamples } from './gradle.ts'
import { junitSamples } from './junit.ts'
import { kotestSamples } from './kotest.ts'
import { nodeSamples } from './node.ts'
import { pythonSamples } from './python.ts'
import { rubySamples } from './ruby.ts'
import { rustSamples } from './rust.ts'
import { testngSamples } from './testng.ts'
import type { Sample } from './types.ts'

export type { Sample } from './types.ts'

/** What is recorded of every framework. A new one is a sample here and a run of `programs/record.ts`. */
export const samples: readonly Sample[] = [
  ...nodeSamples,
  ...junitSamples,
  ...testngSamples,
  failsafeSample,
  ...gradleSamples,
  ...kotestSamples,
  ...pythonSamples,
  ...goSamples,
  ...rustSamples,
  ...rubySamples,
]
