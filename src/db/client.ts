import pg from 'pg'

/** A connection of its own, outside the pool. The caller ends it. */
export async function openClient(settings: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(settings)
  // Without a listener the end of an idle connection would be an uncaught exception; the next query tells it as well.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return client
  } catch (error) {
    await client.end()
    throw error
  }
}
