import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { localCaller } from '../../../access/index.ts'
import type { Config } from '../../../config.ts'
import type { Db } from '../../../db/connect.ts'
import { messageOf, UserError } from '../../../errors.ts'
import { type Outcome, type OutcomeProblem, type Suspect, storeOutcomes, suspects } from '../../../outcomes/index.ts'
import { outcomeBody, outcomeOf } from '../../api/routes/outcome-body.ts'
import { withDatabase } from '../../machine.ts'
import type { StoredLine, SuspectLine } from '../lines.ts'
import type { AskedSuspects, ToldOutcomes } from '../services.ts'

/** Outcomes of one transaction. */
const BATCH = 1000

/** One outcome, or those of a file of JSON Lines, a thousand at a time: of a batch all are stored, or none. */
export function tellOutcomes(config: Config, told: ToldOutcomes): Promise<StoredLine> {
  return withDatabase(config, async ({ db }) => {
    let stored = 0
    for await (const batch of batches(told)) stored += await store(db, config, batch, stored)
    return { stored }
  })
}

interface Told {
  readonly outcome: Outcome
  /** Where it stands: `line 3`. */
  readonly place: string
}

async function* batches(told: ToldOutcomes): AsyncGenerator<readonly Told[]> {
  let batch: Told[] = []
  for await (const one of 'outcome' in told
    ? [{ outcome: readOutcome(told.outcome, 'the outcome'), place: 'the outcome' }]
    : lines(told.file)) {
    batch.push(one)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

async function* lines(file: string): AsyncGenerator<Told> {
  const input: Readable = file === '-' ? process.stdin : createReadStream(file)
  let number = 0
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1
      if (line.trim() !== '')
        yield { outcome: readOutcome(parsed(line, number), `line ${number}`), place: `line ${number}` }
    }
  } catch (cause) {
    if (cause instanceof UserError) throw cause
    throw new UserError(`the outcomes can't be read: ${messageOf(cause)}`, {
      mend: 'name a file of JSON Lines, or - for standard input',
      cause,
    })
  }
}

function parsed(line: string, number: number): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new UserError(`line ${number} is no JSON`, { mend: 'write one JSON object a line', cause })
  }
}

function readOutcome(given: unknown, place: string): Outcome {
  const read = outcomeBody.safeParse(given)
  if (read.success) return outcomeOf(read.data)
  const wrong = read.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`)
  throw new UserError(`${place} is wrong: ${wrong.join('; ')}`, {
    mend: 'e.g. {"task":"acme__shop-123","consumer":"fresh","model":"some-model-7b","solved":true}',
  })
}

const words: Readonly<Record<OutcomeProblem['why'], string>> = {
  unknown: 'is not there',
  erased: 'was erased',
  'of-another-task': 'is of another task',
  'not-done': 'is not done yet',
  fault: 'is a fault, which is no attempt',
  contradicted: "is not what the grade's verdict says",
}

async function store(db: Db, { signalAttempts }: Config, batch: readonly Told[], before: number): Promise<number> {
  const answer = await storeOutcomes(
    db,
    localCaller,
    batch.map(({ outcome }) => outcome),
    { signalAttempts },
  )
  if ('stored' in answer) return answer.stored
  const problems = answer.refused === 'wrong' ? answer.problems : []
  const told = problems.slice(0, 20).map(({ place, field, why }) => `${batch[place]?.place}: ${field} ${words[why]}`)
  throw new UserError(told.join('; '), {
    mend:
      before === 0
        ? 'nothing was stored: mend that and send it again'
        : `the first ${before} are stored: mend that and send the rest`,
  })
}

export function listSuspects(config: Config, { minPatches, repository, limit }: AskedSuspects): Promise<SuspectLine[]> {
  return withDatabase(config, async ({ db }) =>
    (await suspects(db, localCaller, { minPatches, repository, limit, after: null })).map(suspectLine),
  )
}

function suspectLine({ failToPass, position, ...rest }: Suspect): SuspectLine {
  return { ...rest, fail_to_pass: failToPass }
}
