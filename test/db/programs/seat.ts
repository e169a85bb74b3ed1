import { once } from 'node:events'
import { joinServer } from '../../../src/db/server.ts'
import { tell } from '../../tell.ts'

/** Takes a seat at the server of a home, and leaves when standard input ends. */
const server = await joinServer(process.argv[2] ?? '', { durable: false })
tell('joined')
process.stdin.resume()
await once(process.stdin, 'end')
await server.close()
tell('left')
