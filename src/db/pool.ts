import pg from 'pg'
import { Fault, messageOf } from '../errors.ts'

type Connected = Parameters<pg.Pool['connect']>[0]

/**
 * A connection that says that it is broken to whoever uses it, and does not end the process: a server that is being stopped may say so in the same breath
 * as its welcome, before anybody who waits for the connection could listen.
 */
export class SturdyClient extends pg.Client {
  constructor(settings?: string | pg.ClientConfig) {
    super(settings)
    this.on('error', () => undefined)
  }
}

/**
 * A pool that outlives its server. A connection that breaks while somebody has it checked out is given up at once: node-postgres
 * ends the process over it otherwise, and drizzle forgets those whose `begin` fails, until the pool has none left.
 */
export class SturdyPool extends pg.Pool {
  constructor(settings: pg.PoolConfig) {
    super({ ...settings, Client: SturdyClient })
    // An idle connection that breaks is replaced at the next query, which tells if that fails as well.
    this.on('error', () => undefined)
  }

  override connect(): Promise<pg.PoolClient>
  override connect(connected: Connected): void
  override connect(connected?: Connected): Promise<pg.PoolClient> | undefined {
    if (connected !== undefined) {
      super.connect(connected)
      return undefined
    }
    return super.connect().then(givenUpWhenBroken, (cause: unknown) => {
      throw new Fault('database-away', `The database can't be reached: ${messageOf(cause)}`, { cause })
    })
  }
}

function givenUpWhenBroken(client: pg.PoolClient): pg.PoolClient {
  const { release } = client
  let released = false
  const letGo = (error?: Error | boolean) => {
    if (released) return
    released = true
    client.off('error', letGo)
    release(error)
  }
  client.on('error', letGo)
  client.release = letGo
  return client
}
