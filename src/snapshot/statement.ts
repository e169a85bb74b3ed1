import type { Flag, Issue, MergedPull, Statement } from '../model/index.ts'

interface StatementResult {
  readonly statement: Statement
  readonly flags: readonly Flag[]
}

/** Lines that git and GitHub add at the end of a message; they name people and machines, never the problem. */
const trailer =
  /^(?:signed-off-by|co-authored-by|reviewed-by|acked-by|tested-by|reported-by|suggested-by|cc|change-id|reviewed-on|pr-url|commit-queue|cherry-picked-from)\s*:\s*\S.*$/i

/**
 * What the agent is told. All linked issues, in the order in which the pull names them, as they stood when the pull was created. An issue
 * opened later is used as first written (flag `statement-after-pull`); one known by number only is told by the pull's own
 * title and body (flag `statement-from-commit`). Hints are people's comments older than the pull and than its first commit.
 *
 * @param firstCommitAt when the pull's first commit was authored, null where that is not known
 */
export function statementOf(pull: MergedPull, firstCommitAt: Date | null): StatementResult {
  if (pull.issues.length === 0) return fromPull(pull)
  const at = pull.createdAt
  const late = at !== null && pull.issues.some((issue) => new Date(issue.created_at) > at)
  const unknown = pull.closes.some((number) => !pull.issues.some((issue) => issue.number === number))
  const own = unknown ? fromPull(pull) : null
  return {
    statement: {
      title: pull.issues.map((issue) => issue.title.trim()).join('\n'),
      issue: [...pull.issues.map(issueText), ...(own === null ? [] : [own.statement.issue])].join('\n\n'),
      hints: hintsOf(pull.issues, earliest(at ?? pull.mergedAt, firstCommitAt)),
    },
    flags: [...(late ? ['statement-after-pull' as const] : []), ...(own?.flags ?? [])],
  }
}

function fromPull(pull: MergedPull): StatementResult {
  const body = withoutTrailers(pull.body)
  const title = pull.title.trim()
  return {
    statement: { title, issue: joinText(title, body), hints: '' },
    flags: ['statement-from-commit'],
  }
}

function issueText(issue: Issue): string {
  return joinText(issue.title.trim(), issue.body.replaceAll('\r\n', '\n').trim())
}

function joinText(title: string, body: string): string {
  return body === '' ? title : `${title}\n\n${body}`
}

/** Only the trailers at the very end go, as `git interpret-trailers` would find them; a line in the text that looks like one stays. */
function withoutTrailers(message: string): string {
  const lines = message.replaceAll('\r\n', '\n').trimEnd().split('\n')
  while (lines.length > 0 && (trailer.test(lines.at(-1) ?? '') || (lines.at(-1) ?? '').trim() === '')) lines.pop()
  return lines.join('\n').trim()
}

function hintsOf(issues: readonly Issue[], before: Date): string {
  return issues
    .flatMap((issue) => issue.comments)
    .filter((comment) => new Date(comment.created_at) < before && !isBot(comment.user))
    .map((comment) => comment.body.replaceAll('\r\n', '\n').trim())
    .filter((body) => body !== '')
    .join('\n\n')
}

function isBot(user: Issue['user']): boolean {
  return user !== null && (user.type === 'Bot' || user.login.endsWith('[bot]'))
}

function earliest(a: Date, b: Date | null): Date {
  return b !== null && b < a ? b : a
}
