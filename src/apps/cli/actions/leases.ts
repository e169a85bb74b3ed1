import { localCaller } from '../../../access/index.ts'
import type { Config } from '../../../config.ts'
import { UserError } from '../../../errors.ts'
import {
  type ChangedLease,
  completeLease,
  type LeaseRequest,
  lease,
  releaseLease,
  renewLease,
} from '../../../leases/index.ts'
import { type LeaseJson, leaseJson } from '../../lease-json.ts'
import { withDatabase } from '../../machine.ts'
import type { LeaseChange } from '../services.ts'

/** Leases as who sees every owner: the names of consumers are those of tokens without owners. */
export function leaseTasks(config: Config, request: LeaseRequest): Promise<LeaseJson> {
  return withDatabase(config, async ({ db }) => {
    const answer = await lease(db, localCaller, request)
    if ('refused' in answer) throw new Error('a lease without a key was refused for its key')
    return leaseJson(answer.lease)
  })
}

export function changeLease(config: Config, id: string, change: LeaseChange): Promise<LeaseJson> {
  return withDatabase(config, async ({ db }) => {
    const names = change.tasks.length === 0 ? null : change.tasks
    switch (change.how) {
      case 'renew':
        return changed(id, await renewLease(db, localCaller, id, change.ttlSeconds))
      case 'release':
        return changed(id, await releaseLease(db, localCaller, id, names))
      case 'complete':
        return changed(id, await completeLease(db, localCaller, id, names))
    }
  })
}

function changed(id: string, answer: ChangedLease): LeaseJson {
  if ('lease' in answer) return leaseJson(answer.lease)
  const again = { mend: 'lease again, and renew in time or ask for a longer --ttl' }
  switch (answer.refused) {
    case 'unknown-lease':
      throw new UserError(`there is no lease ${id}`, { mend: 'give the id that `quarry lease` showed' })
    case 'expired':
      throw new UserError(`the lease ${id} expired at ${answer.at.toISOString()}, and its tasks are free again`, again)
    case 'ended':
      throw new UserError(`nothing of the lease ${id} has been out since ${answer.at.toISOString()}`, again)
    case 'not-in-lease':
      throw new UserError(`${answer.name} is not in the lease ${id}`, { mend: 'name tasks that it was given' })
    case 'settled':
      throw new UserError(`${answer.name} was ${answer.state} before`, { mend: 'leave it out' })
  }
}
