import { createReadStream } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import { z } from 'zod'
import { messageOf, UserError } from '../errors.ts'

/** A model's patch for a task, as SWE-bench's harness takes it. */
export interface Prediction {
  /** The task's name. */
  readonly instance: string
  readonly model: string
  /** Null, or nothing but white space: the model gave none. */
  readonly patch: string | null
  /** Where it begins in the file, from 1 on. */
  readonly line: number
}

/** A part of the file that is no prediction, or one that does not count. */
export interface PredictionProblem {
  readonly line: number
  readonly problem: string
}

const entrySchema = z.object({
  instance_id: z.string().min(1),
  model_name_or_path: z.string().min(1),
  model_patch: z.string().nullish(),
})

/**
 * The predictions of a file, in its order: JSON Lines; or, in a file that ends in `.json`, an array, or an object of them by instance. What
 * is none is told with its line, and the rest goes on. Throws UserError where the file can't be read, or is no JSON as a whole.
 */
export async function* readPredictions(file: string): AsyncGenerator<Prediction | PredictionProblem> {
  try {
    yield* (await isWhole(file)) ? wholeFile(file) : eachLine(file)
  } catch (cause) {
    if (cause instanceof UserError || !(cause instanceof Error && 'code' in cause)) throw cause
    throw new UserError(`the predictions can't be read: ${messageOf(cause)}`, { mend: 'name a file', cause })
  }
}

/** What counts of a file: of several predictions for one task the last, as SWE-bench has it. Holds no patch. */
export async function surveyPredictions(file: string) {
  const problems: PredictionProblem[] = []
  const lines = new Map<string, { line: number; model: string }>()
  for await (const read of readPredictions(file)) {
    if ('problem' in read) {
      problems.push(read)
      continue
    }
    const before = lines.get(read.instance)
    if (before !== undefined)
      problems.push({ line: before.line, problem: `${read.instance} comes again in line ${read.line}, which counts` })
    lines.set(read.instance, { line: read.line, model: read.model })
  }
  return { problems: problems.sort((a, b) => a.line - b.line), lines }
}

/** JSON Lines may be named anything; what begins an array is none. */
async function isWhole(file: string): Promise<boolean> {
  if (file.endsWith('.json')) return true
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0)
    return /^\uFEFF?\s*\[/.test(buffer.toString('utf8', 0, bytesRead))
  } finally {
    await handle.close()
  }
}

async function* eachLine(file: string): AsyncGenerator<Prediction | PredictionProblem> {
  let line = 0
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1
    if (text.trim() === '') continue
    yield parseLine(text.replace(/^\uFEFF/, ''), line)
  }
}

function parseLine(text: string, line: number): Prediction | PredictionProblem {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { line, problem: `is no JSON: ${messageOf(error)}` }
  }
  return toPrediction(value, line)
}

async function* wholeFile(file: string): AsyncGenerator<Prediction | PredictionProblem> {
  const text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '')
  const errors: ParseError[] = []
  const root = parseTree(text, errors, { disallowComments: true })
  const lineAt = lineCounter(text)
  const [error] = errors
  if (error !== undefined || root === undefined)
    throw new UserError(
      `${file} is no JSON: ${error === undefined ? 'it is empty' : `${printParseErrorCode(error.error)} in line ${lineAt(error.offset)}`}`,
      { mend: 'mend that line; JSON Lines go into a file that ends in .jsonl' },
    )
  for (const { node, instance } of entriesOf(root, file)) {
    const value: unknown = getNodeValue(node)
    const named = instance !== null && isRecord(value) ? { instance_id: instance, ...value } : value
    yield toPrediction(named, lineAt(node.offset))
  }
}

/** An array's elements, or an object's values with their names: SWE-agent writes predictions by instance. */
function entriesOf(root: Node, file: string): { node: Node; instance: string | null }[] {
  if (root.type === 'array') return (root.children ?? []).map((node) => ({ node, instance: null }))
  if (root.type !== 'object')
    throw new UserError(`${file} holds neither a list nor an object of predictions`, {
      mend: 'see `quarry grade --help`',
    })
  return (root.children ?? []).flatMap(({ children: [key, node] = [] }) =>
    key === undefined || node === undefined ? [] : [{ node, instance: String(key.value) }],
  )
}

function toPrediction(value: unknown, line: number): Prediction | PredictionProblem {
  const parsed = entrySchema.safeParse(value)
  if (!parsed.success) {
    const problem = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`).join('; ')
    return { line, problem: `is no prediction: ${problem}` }
  }
  const { instance_id: instance, model_name_or_path: model, model_patch: patch } = parsed.data
  return { instance, model, patch: patch ?? null, line }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** For offsets that only grow. */
function lineCounter(text: string): (offset: number) => number {
  let line = 1
  let at = 0
  return (offset) => {
    for (let next = text.indexOf('\n', at); next !== -1 && next < offset; next = text.indexOf('\n', at)) {
      line += 1
      at = next + 1
    }
    return line
  }
}
