import { openDatabase } from '../../../src/db/connect.ts'
import { makeLog } from '../../../src/log.ts'
import { createQueue } from '../../../src/queue/queue.ts'
import { tell } from '../../tell.ts'

/** Takes `dig` jobs and never gets done with one. */
const database = await openDatabase({ databaseUrl: process.argv[2] ?? '', home: '/nonexistent' })
const queue = await createQueue<{ dig: { hole: number } }>(database, ['dig'], { log: makeLog('silent') })
await queue.work({
  dig: async ({ hole }) => {
    tell(`digs ${hole}`)
    await new Promise(() => process.stdin.resume())
  },
})
tell('works')
