import { makeLog } from '../../../src/log.ts'
import { machineCores } from '../../../src/test-runs/core-claims.ts'
import { makeCoreBudget } from '../../../src/test-runs/cores.ts'

/** Says `held` once it has one of the cores 0 and 1 of the given name, and lets go of it when its standard input ends. */
const [, , name = ''] = process.argv
const budget = makeCoreBudget([0, 1], machineCores({ log: makeLog('silent'), name }))
await budget.use(1, 0, async (cores) => {
  process.stdout.write(`held ${cores.join(',')}\n`)
  for await (const _ of process.stdin);
})
