import type { FastifyInstance } from 'fastify'
import type { Config } from '../../config.ts'
import { Fault, messageOf, UserError } from '../../errors.ts'

/** Listens, and gives the address. Throws UserError where HOST or PORT is the cause. */
export async function listen(web: FastifyInstance, where: Config['listen']): Promise<string> {
  try {
    return await web.listen(where)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : null
    if (code === 'EADDRINUSE') {
      throw new UserError(`port ${where.port} of ${where.host} is in use`, { mend: 'set PORT to another', cause })
    }
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new UserError(`it can't listen on ${where.host}:${where.port}: ${messageOf(cause)}`, {
        mend: 'set HOST and PORT to an address of this machine',
        cause,
      })
    }
    throw new Fault('network', `it can't listen on ${where.host}:${where.port}`, { cause })
  }
}
