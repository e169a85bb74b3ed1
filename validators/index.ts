import { deterministic } from './deterministic.ts'
import { failsBeforePassesAfter } from './fails-before-passes-after.ts'
import { noLeak } from './no-leak.ts'
import { offline } from './offline.ts'
import type { Validator } from './types.ts'

/** In the order in which a refusal is reported. */
export const validators: readonly Validator[] = [offline, failsBeforePassesAfter, deterministic, noLeak]
