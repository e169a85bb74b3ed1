import { setTimeout as delay } from 'node:timers/promises'
import { Fault } from '../../errors.ts'

/** What the work gives, unless it takes longer: then a Fault, whatever becomes of the work. */
export async function withinSeconds<T>(seconds: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController()
  const late = delay(seconds * 1000, null, { signal: timer.signal }).then(() => {
    throw new Fault('database', `no answer within ${seconds} s`)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    late.catch(() => undefined)
    work.catch(() => undefined)
    timer.abort()
  }
}
