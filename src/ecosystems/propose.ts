import { concerning, followStated } from './stated.ts'
import type { Ecosystem, Proposal, ProposeContext } from './types.ts'

/** An ecosystem's ladder with the owners' settings followed: by itself, or laid over what it proposes. */
export async function proposalsOf(ecosystem: Ecosystem, context: ProposeContext): Promise<readonly Proposal[]> {
  const stated = concerning(ecosystem, context.stated)
  if (stated === null || ecosystem.followsSettings === true) return ecosystem.propose({ ...context, stated })
  return followStated(ecosystem, context, stated, await ecosystem.propose({ ...context, stated: null }))
}
