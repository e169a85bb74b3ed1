import { createServer, type Server } from 'node:net'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SturdyClient, SturdyPool } from '../../src/db/pool.ts'

let server: Server
let port: number

/** A message of Postgres's protocol: https://www.postgresql.org/docs/current/protocol-message-formats.html */
function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from(type), length, body])
}

/** Says welcome and, in the same breath, that it stops: as Postgres does to whoever comes while it is being stopped. */
beforeEach(async () => {
  const welcome = [message('R', Buffer.alloc(4)), message('Z', Buffer.from('I'))]
  const fatal = message('E', Buffer.from('SFATAL\0C57P01\0Mterminating connection\0\0'))
  server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(Buffer.concat([...welcome, fatal])))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  port = typeof address === 'object' ? (address?.port ?? 0) : 0
})
afterEach(() => new Promise<unknown>((resolve) => server.close(resolve)))

const settings = () => ({ host: '127.0.0.1', port, user: 'quarry', database: 'quarry', ssl: false })

test.each([
  ['our own pool', () => new SturdyPool(settings())],
  ['the pool of somebody who is given our settings', () => new pg.Pool({ ...settings(), Client: SturdyClient })],
])('a server that stops right after the welcome does not end the process: %s', async (_, open) => {
  const pool = open()
  pool.on('error', () => undefined)
  const client = await pool.connect()
  await expect(client.query('select 1')).rejects.toThrow()
  client.release(true)
  await pool.end()
})
