/** What the shell sees (docs/contract.md). 130 is the shells' own number for an interrupted command. */
export const exitCodes = { done: 0, fault: 1, usage: 2, no: 3, interrupted: 130 } as const

/** How a command answers: `no` is done, too, with the answer no (nothing vetted, not resolved); `usage`: with input passed over that was wrong. */
export type Answer = 'done' | 'no' | 'fault' | 'usage'
