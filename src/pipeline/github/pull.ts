import { mayBeMined } from './consent.ts'
import { repositoryById } from './repositories.ts'
import { type GitHubIntake, openForIntake } from './take-in-pulls.ts'

/** Takes in one pull that an event told of, as GitHub has it now. A pull that is not merged, or gone, is passed over. Gives its candidates. */
export async function takeInPull(
  intake: GitHubIntake,
  repositoryId: number,
  number: number,
): Promise<readonly number[]> {
  const row = await repositoryById(intake.db, repositoryId)
  if (row === null || !(await mayBeMined(intake.db, row))) return []
  const client = await intake.github.client(row.installationId, 'live')
  const open = await openForIntake(intake, row, client)
  const whole = await open.read([number])
  const line = whole.get(number)?.line
  if (line === undefined || line.merged_at === null) return []
  const { candidates } = await open.takeIn([line], whole, 'webhook')
  return candidates.map(({ id }) => id)
}
