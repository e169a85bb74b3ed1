/** How what is asked at the same time is done at the same time. */
export interface Together<Asked, Done, Answer> {
  /** A batch grows to `most` of this; what is larger by itself goes alone. */
  sizeOf(asked: Asked): number
  readonly most: number
  /** All of a batch or nothing. Of one group one batch after the other; `behind` it waits what comes next. */
  work(batch: readonly Asked[], behind: readonly Asked[]): Promise<readonly Done[]>
  /** Whether a batch that failed so is to be tried one by one, as it may be the fault of one of them. */
  mayBeOnes(error: unknown): boolean
  /** Beside the work on the next batch. */
  answer(batch: readonly Asked[], done: readonly Done[]): Promise<readonly Answer[]>
}

interface Waiting<Asked, Answer> {
  readonly asked: Asked
  resolve(answer: Answer): void
  reject(error: unknown): void
}

/** Gives a way to ask: what comes while a batch of the same group is at work is the next batch, and none fails by another's fault. */
export function together<Asked, Done, Answer>(
  how: Together<Asked, Done, Answer>,
): (group: string, asked: Asked) => Promise<Answer> {
  const groups = new Map<string, Waiting<Asked, Answer>[]>()
  const serve = async (name: string, waiting: Waiting<Asked, Answer>[]) => {
    // Those of the same breath are one batch.
    await new Promise(setImmediate)
    while (waiting.length > 0) await serveBatch(how, nextBatch(how, waiting), waiting)
    groups.delete(name)
  }
  return (name, asked) =>
    new Promise((resolve, reject) => {
      const known = groups.get(name)
      const waiting = known ?? []
      waiting.push({ asked, resolve, reject })
      if (known !== undefined) return
      groups.set(name, waiting)
      void serve(name, waiting)
    })
}

function nextBatch<Asked, Done, Answer>(
  { sizeOf, most }: Together<Asked, Done, Answer>,
  waiting: Waiting<Asked, Answer>[],
): Waiting<Asked, Answer>[] {
  let size = 0
  const end = waiting.findIndex(({ asked }) => {
    size += sizeOf(asked)
    return size > most
  })
  return waiting.splice(0, end === -1 ? waiting.length : Math.max(end, 1))
}

/** Never rejects: each that waits is told. */
async function serveBatch<Asked, Done, Answer>(
  how: Together<Asked, Done, Answer>,
  batch: readonly Waiting<Asked, Answer>[],
  behind: readonly Waiting<Asked, Answer>[],
): Promise<void> {
  try {
    const done = await how.work(askedOf(batch), askedOf(behind))
    void tell(how, batch, done)
  } catch (error) {
    if (batch.length > 1 && how.mayBeOnes(error)) for (const one of batch) await serveBatch(how, [one], behind)
    else for (const { reject } of batch) reject(error)
  }
}

/** Never rejects, either. */
async function tell<Asked, Done, Answer>(
  how: Together<Asked, Done, Answer>,
  batch: readonly Waiting<Asked, Answer>[],
  done: readonly Done[],
): Promise<void> {
  try {
    const answers = await how.answer(askedOf(batch), done)
    for (const [place, { resolve, reject }] of batch.entries()) {
      const answer = answers[place]
      if (answer === undefined) reject(new Error('fewer answers came than were asked for'))
      else resolve(answer)
    }
  } catch (error) {
    for (const { reject } of batch) reject(error)
  }
}

const askedOf = <Asked, Answer>(waiting: readonly Waiting<Asked, Answer>[]) => waiting.map(({ asked }) => asked)
