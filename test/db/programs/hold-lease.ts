import { openDatabase } from '../../../src/db/connect.ts'
import { withLease } from '../../../src/db/leases.ts'
import { tell } from '../../tell.ts'

/** Takes a lease and never lets go of it. */
const database = await openDatabase({ databaseUrl: process.argv[2] ?? '', home: '/nonexistent' })
await withLease(database.db, process.argv[3] ?? '', async (lease) => {
  tell(`holds ${lease.token}`)
  await new Promise(() => process.stdin.resume())
})
