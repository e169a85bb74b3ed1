import type { FastifyInstance } from 'fastify'

/** How long answers that are on their way may take to end. */
const graceMs = 20_000

/** Takes no more connections, lets the answers that are on their way end, and cuts those that do not in time: their readers see it. */
export async function closeWeb(web: FastifyInstance, patienceMs = graceMs): Promise<void> {
  const late = setTimeout(() => web.server.closeAllConnections(), patienceMs)
  try {
    await web.close()
  } finally {
    clearTimeout(late)
  }
}
