import { forgottenPulls, leftOutPulls } from '../../erasure/standing.ts'
import { mayBeMined } from './consent.ts'
import { letBackIn } from './labels.ts'
import { refreshRepository, repositoryById } from './repositories.ts'
import { type GitHubIntake, openForIntake, readDetails } from './take-in-pulls.ts'

/** Takes in one pull that an event told of, as GitHub has it now. A pull that is not merged, or gone, is passed over. Gives its candidates. */
export async function takeInPull(
  intake: GitHubIntake,
  repositoryId: number,
  number: number,
): Promise<readonly number[]> {
  const known = await repositoryById(intake.db, repositoryId)
  if (known === null || !(await mayBeMined(intake.db, known))) return []
  const client = await intake.github.client(known.installationId, 'live', intake.signal)
  // Its name may be another's by now, and it may be private or gone.
  const row = await refreshRepository(intake.db, intake.github, client, known)
  if (row === null || !(await mayBeMined(intake.db, row))) return []
  // What was left out for its labels comes back by those it has now; the history is read after that, without the pulls that stay out.
  const relabelled = (await leftOutPulls(intake.db, row.id)).has(number)
    ? await readDetails(client, row, [number])
    : undefined
  const labelled = relabelled?.get(number)
  if (labelled !== undefined) await letBackIn(intake.db, row, [labelled.line])
  if ((await forgottenPulls(intake.db, row.id)).has(number)) return []
  // Both wait for GitHub, and neither for the other.
  const [open, whole] = await Promise.all([
    openForIntake(intake, row, client),
    relabelled ?? readDetails(client, row, [number]),
  ])
  const line = whole.get(number)?.line
  if (open === null || line === undefined || line.merged_at === null) return []
  const { candidates } = await open.takeIn([line], whole, 'webhook')
  return candidates.map(({ id }) => id)
}
