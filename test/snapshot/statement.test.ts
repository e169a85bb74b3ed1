import { expect, test } from 'vitest'
import { issueSchema, type MergedPull } from '../../src/model/index.ts'
import { statementOf } from '../../src/snapshot/index.ts'

const issue = (number: number, more: object = {}) =>
  issueSchema.parse({
    number,
    title: `Title ${number}`,
    body: `Body ${number}`,
    created_at: '2024-01-01T00:00:00Z',
    user: { login: 'ann' },
    ...more,
  })

const pull = (more: Partial<MergedPull>): MergedPull => ({
  number: 9,
  title: 'Fix totals (#9)',
  body: '',
  createdAt: new Date('2024-02-01T00:00:00Z'),
  mergedAt: new Date('2024-02-02T00:00:00Z'),
  mergeCommit: '0'.repeat(40),
  baseRef: 'main',
  head: null,
  user: null,
  labels: [],
  issues: [],
  closes: [],
  source: 'pulls-file',
  ...more,
})

test('tells every linked issue, in order', () => {
  const { statement, flags } = statementOf(pull({ issues: [issue(3), issue(1, { body: '' })], closes: [3, 1] }), null)
  expect(statement).toEqual({ title: 'Title 3\nTitle 1', issue: 'Title 3\n\nBody 3\n\nTitle 1', hints: '' })
  expect(flags).toEqual([])
})

test('flags an issue that was opened after the pull', () => {
  const { flags } = statementOf(pull({ issues: [issue(1, { created_at: '2024-02-01T00:00:01Z' })], closes: [1] }), null)
  expect(flags).toEqual(['statement-after-pull'])
})

test("takes people's comments for hints where they are older than the pull and than its first commit", () => {
  const comments = [
    { user: { login: 'bob' }, body: 'Early', created_at: '2024-01-02T00:00:00Z' },
    { user: { login: 'stale[bot]' }, body: 'Stale', created_at: '2024-01-02T00:00:00Z' },
    { user: { login: 'helper', type: 'Bot' }, body: 'Beep', created_at: '2024-01-02T00:00:00Z' },
    { user: null, body: 'Late', created_at: '2024-01-20T00:00:00Z' },
    { user: { login: 'bob' }, body: 'Later', created_at: '2024-02-01T12:00:00Z' },
  ]
  const asked = pull({ issues: [issue(1, { comments })], closes: [1] })
  expect(statementOf(asked, null).statement.hints).toBe('Early\n\nLate')
  expect(statementOf(asked, new Date('2024-01-15T00:00:00Z')).statement.hints).toBe('Early')
})

test('an issue known by number only is told in the words of the pull, without trailers', () => {
  const body =
    'Fixes #4: the total was wrong.\r\n\r\nNote: it rounds.\n\nSigned-off-by: Ann <ann@example.org>\nCo-authored-by: Bob <bob@example.org>\n'
  expect(statementOf(pull({ closes: [4], body }), null)).toEqual({
    statement: {
      title: 'Fix totals (#9)',
      issue: 'Fix totals (#9)\n\nFixes #4: the total was wrong.\n\nNote: it rounds.',
      hints: '',
    },
    flags: ['statement-from-commit'],
  })
})

test('one issue known whole and one by number: both are told, and flagged', () => {
  const { statement, flags } = statementOf(
    pull({ issues: [issue(1)], closes: [1, 2], body: 'Fixes #1, fixes #2' }),
    null,
  )
  expect(statement.issue).toBe('Title 1\n\nBody 1\n\nFix totals (#9)\n\nFixes #1, fixes #2')
  expect(flags).toEqual(['statement-from-commit'])
})
