import { accountId, nodeId } from '../ids.ts'
import type { Node } from './connections.ts'

/** GraphQL leaves a bot's `[bot]` out of its login, and has no actor at all for a deleted account. */
export function actorNode(login: string | null | undefined): Node | null {
  if (login === null) return null
  const name = login ?? 'ann'
  const bot = name.endsWith('[bot]')
  return {
    __typename: bot ? 'Bot' : 'User',
    id: nodeId('U', name),
    databaseId: accountId(name),
    login: bot ? name.slice(0, -'[bot]'.length) : name,
  }
}
