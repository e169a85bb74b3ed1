import type { Caller } from '../../../access/index.ts'
import { asCaller } from '../../../db/as-caller.ts'
import type { Db } from '../../../db/connect.ts'
import type { GradeOrder } from '../../../grade/ask.ts'
import { taskHandles } from '../../../query/task-handles.ts'
import { notFound, Problem, wrongField } from '../problem.ts'
import { type GradeOrderBody, MOST_PATCH_BYTES } from './grade-schemas.ts'

/** What a request asks to have graded. Throws the `Problem` of the first that is wrong: 404 for a task, 413 or 400 for a patch. */
export async function ordersOf(
  db: Db,
  caller: Caller,
  bodies: readonly GradeOrderBody[],
  batch: boolean,
): Promise<GradeOrder[]> {
  const names = bodies.map(({ task }) => task)
  const found = await asCaller(db, caller, (tx) => taskHandles(tx, caller.owners, names))
  return bodies.map((body, at) => {
    const task = found.get(body.task)
    if (task === undefined) throw notFound(`task ${body.task}`)
    if (task.erased) throw erased(body.task)
    return { task, patch: patchOf(body, batch ? `grades[${at}].` : '') }
  })
}

export function erased(task: string): Problem {
  return new Problem(404, 'not found', `the task ${task} was erased: take it out of your set`)
}

function patchOf(body: GradeOrderBody, before: string): Buffer {
  const field = `${before}${'patch' in body ? 'patch' : 'patch_base64'}`
  if ('patch' in body && !body.patch.isWellFormed())
    throw wrongField(field, 'holds half a character', 'send its bytes as patch_base64')
  const patch = 'patch' in body ? Buffer.from(body.patch) : Buffer.from(body.patch_base64, 'base64')
  if (patch.length > MOST_PATCH_BYTES) throw tooLarge(field)
  if (patch.includes(0)) throw wrongField(field, 'holds a NUL byte', 'write it with `git diff --binary`')
  return patch
}

function tooLarge(field: string): Problem {
  const [problem, mend] = [`is larger than ${MOST_PATCH_BYTES} bytes`, 'leave out what is built or installed']
  return new Problem(413, 'the patch is too large', `${field} ${problem}: ${mend}`, {
    errors: [{ field, problem, mend }],
  })
}
