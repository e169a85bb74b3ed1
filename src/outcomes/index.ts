export { renewSignals, solveRatesOf } from './rates.ts'
export { type StoreOptions, storeOutcomes } from './store.ts'
export { defaultMinPatches, type Suspect, type SuspectPosition, type SuspectQuery, suspects } from './suspects.ts'
export type { Outcome, OutcomeProblem, SolveRate, SolveRates, StoredOutcomes } from './types.ts'
