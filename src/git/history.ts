import type { Change } from '../model/index.ts'
import type { Mirror } from './mirror.ts'
import { rawChange } from './raw-changes.ts'

interface Signature {
  readonly name: string
  readonly email: string
  readonly date: Date
}

export interface CommitInfo {
  readonly commit: string
  readonly parents: readonly string[]
  readonly author: Signature
  readonly committedAt: Date
  /** Subject, blank line, body, as UTF-8 whatever its encoding was. */
  readonly message: string
}

/** A commit with what it changed against its first parent. */
export interface HistoryCommit extends CommitInfo {
  readonly changes: readonly Change[]
}

const FORMAT = '--format=tformat:%H%x00%P%x00%an%x00%ae%x00%at%x00%ct%x00%B'
const FIELDS = 7
const LOG = [
  'log',
  '-z',
  '--encoding=UTF-8',
  '--no-show-signature',
  '--no-notes',
  '--no-color',
  '--no-decorate',
  FORMAT,
]
const RAW = [
  '--raw',
  '-m',
  '--first-parent',
  '--no-renames',
  '--no-abbrev',
  '--no-ext-diff',
  '--ignore-submodules=none',
  '--root',
]

/** Mainline commits, newest first, each with its changes: one pass over history, streamed in batches. */
export function firstParentHistory(mirror: Mirror, tip: string): AsyncGenerator<readonly HistoryCommit[]> {
  return parseLog(mirror.stream([...LOG, ...RAW, '--end-of-options', tip, '--']))
}

/** Every commit reachable from the tips (and not from `^excluded` ones), newest first, without changes. */
export async function* reachableCommits(
  mirror: Mirror,
  tips: readonly string[],
  limit?: number,
): AsyncGenerator<readonly CommitInfo[]> {
  if (tips.length === 0) return
  const most = limit === undefined ? [] : [`--max-count=${limit}`]
  yield* parseLog(mirror.stream([...LOG, ...most, '--stdin'], { input: `${tips.join('\n')}\n` }))
}

/** Exactly these commits, in the order given, with their changes. All must exist (see `missingCommits`). */
export async function* commitsWithChanges(
  mirror: Mirror,
  commits: readonly string[],
): AsyncGenerator<readonly HistoryCommit[]> {
  if (commits.length === 0) return
  yield* parseLog(
    mirror.stream([...LOG, ...RAW, '--no-walk=unsorted', '--stdin'], { input: `${commits.join('\n')}\n` }),
  )
}

/** Those of the ids that are no commit of the mirror. */
export async function missingCommits(mirror: Mirror, commits: readonly string[]): Promise<Set<string>> {
  const answer = await mirror.text(['cat-file', '--batch-check=%(objecttype)', '--buffer'], {
    input: `${commits.join('\n')}\n`,
  })
  const kinds = answer.split('\n')
  return new Set(commits.filter((_, index) => kinds[index] !== 'commit'))
}

/** A batch for each piece of git's output: handing on single commits would cost more than parsing them. */
async function* parseLog(pieces: AsyncIterable<Buffer>): AsyncGenerator<HistoryCommit[]> {
  const parser = logParser()
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of pieces) {
    const tokens = (rest + decoder.decode(piece, { stream: true })).split('\0')
    rest = tokens.pop() ?? ''
    const done = tokens.flatMap((token) => parser.take(token) ?? [])
    if (done.length > 0) yield done
  }
  const last = parser.end()
  if (last !== null) yield [last]
}

/**
 * `log -z` writes the header's fields, then either the next commit's id or raw records (the first after a newline), each followed
 * by its path. An id never starts with a colon.
 */
function logParser(): { take(token: string): HistoryCommit | null; end(): HistoryCommit | null } {
  let fields: string[] = []
  let changes: Change[] = []
  let record: string | null = null
  const end = (): HistoryCommit | null => {
    const done = fields.length === FIELDS ? commitOf(fields, changes) : null
    fields = []
    changes = []
    return done
  }
  const take = (token: string): HistoryCommit | null => {
    if (record !== null) {
      const change = rawChange(record, token)
      if (change !== null) changes.push(change)
      record = null
      return null
    }
    if (fields.length < FIELDS) {
      fields.push(token)
      return null
    }
    if (token.startsWith(':') || token.startsWith('\n:')) {
      record = token
      return null
    }
    const done = end()
    fields.push(token)
    return done
  }
  return { take, end }
}

function commitOf(fields: readonly string[], changes: readonly Change[]): HistoryCommit {
  const [commit = '', parents = '', name = '', email = '', authored = '', committed = '', message = ''] = fields
  return {
    commit,
    parents: parents === '' ? [] : parents.split(' '),
    author: { name, email, date: secondsToDate(authored) },
    committedAt: secondsToDate(committed),
    message,
    changes,
  }
}

/** A broken or absurd date in an old commit becomes the epoch, which sorts before everything. */
function secondsToDate(text: string): Date {
  const date = new Date(Number(text) * 1000)
  return Number.isNaN(date.getTime()) ? new Date(0) : date
}
