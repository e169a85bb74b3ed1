import { z } from 'zod'
import { settingsPath } from '../../model/index.ts'

/** As the ledger holds them: what does not fit is no event of GitHub's, and must not spoil what is stored beside it. */
const number = z
  .int()
  .positive()
  .max(2 ** 31 - 1)

/** The parts of any webhook payload that say what it is about. */
const head = z.object({
  action: z.string().regex(/^\w*$/).optional(),
  installation: z.object({ id: z.int() }).nullish(),
  repository: z
    .object({ id: z.int(), full_name: z.string().optional(), default_branch: z.string().optional() })
    .nullish(),
  pull_request: z.object({ number, merged: z.boolean().nullish() }).nullish(),
  issue: z.object({ number }).nullish(),
  comment: z.object({ body: z.string().nullish() }).nullish(),
  ref: z.string().nullish(),
  commits: z
    .array(
      z.object({
        message: z.string(),
        added: z.array(z.string()).default([]),
        modified: z.array(z.string()).default([]),
        removed: z.array(z.string()).default([]),
      }),
    )
    .nullish(),
})

type Head = z.infer<typeof head>

export interface DeliveryFacts {
  readonly action: string | null
  readonly installation: number | null
  readonly repository: number | null
  /** `owner/name`, for logs. */
  readonly name: string | null
  readonly number: number | null
  /** Something of Quarry's hangs on it; else it is stored as seen, and no more. */
  readonly relevant: boolean
}

/** What a payload is about; null where it is no event of GitHub's. */
export function readDelivery(event: string, payload: unknown): DeliveryFacts | null {
  const parsed = head.safeParse(payload)
  if (!parsed.success) return null
  const { action = null, installation, repository, pull_request: pull, issue } = parsed.data
  return {
    action,
    installation: installation?.id ?? null,
    repository: repository?.id ?? null,
    name: repository?.full_name ?? null,
    number: pull?.number ?? issue?.number ?? null,
    relevant: isRelevant(event, parsed.data),
  }
}

const relevantActions: Readonly<Record<string, readonly string[]>> = {
  installation: ['created', 'deleted', 'suspend', 'unsuspend', 'new_permissions_accepted'],
  installation_repositories: ['added', 'removed'],
  repository: ['renamed', 'transferred', 'privatized', 'publicized', 'archived', 'unarchived', 'deleted', 'edited'],
  issues: ['deleted', 'transferred'],
}

function isRelevant(event: string, payload: Head): boolean {
  const { action = '' } = payload
  if (event === 'pull_request') return isAboutMerged(payload)
  if (event === 'push') return isAboutDefaultBranch(payload)
  if (event === 'issue_comment') return action === 'created' && /^\s*\/quarry\b/m.test(payload.comment?.body ?? '')
  return relevantActions[event]?.includes(action) === true
}

function isAboutMerged({ action = '', pull_request: pull }: Head): boolean {
  return pull?.merged === true && ['closed', 'edited', 'labeled', 'unlabeled'].includes(action)
}

/** Git's and GitHub's words, and those of the many who write their own. Whether it is one, history tells. */
export function mayRevert(message: string): boolean {
  return /\brevert/i.test(message)
}

/** A push matters where it changes the settings file, or takes a merged pull back. */
function isAboutDefaultBranch({ ref, repository, commits }: Head): boolean {
  if (repository?.default_branch === undefined || ref !== `refs/heads/${repository.default_branch}`) return false
  return (commits ?? []).some(
    ({ message, added, modified, removed }) =>
      [...added, ...modified, ...removed].includes(settingsPath) || mayRevert(message),
  )
}
