import { once } from 'node:events'
import { migrate } from '../../../src/db/migrate.ts'
import { tell } from '../../tell.ts'

/** Migrates a database as soon as standard input ends. */
tell('ready')
process.stdin.resume()
await once(process.stdin, 'end')
const applied = await migrate({ connectionString: process.argv[2] ?? '' })
tell(`applied ${applied.length}`)
