import { sql } from 'drizzle-orm'
import { openDatabase } from '../../../src/db/connect.ts'
import { installations } from '../../../src/db/schema.ts'
import { makeLog } from '../../../src/log.ts'
import { createQueue } from '../../../src/queue/queue.ts'

/** Writes a row and its job in one transaction, and is gone right before or right after the commit. */
const [url = '', moment] = process.argv.slice(2)
const database = await openDatabase({ databaseUrl: url, home: '/nonexistent' })
const queue = await createQueue<{ dig: { hole: number } }>(database, ['dig'], { log: makeLog('silent') })
await database.db.transaction(async (tx) => {
  await tx.insert(installations).values({ id: 7, account: 'seven' })
  await queue.add(tx, 'dig', { hole: 7 }, { key: 'hole:7' })
  await tx.execute(sql`select 1`)
  if (moment === 'before') process.kill(process.pid, 'SIGKILL')
})
process.kill(process.pid, 'SIGKILL')
