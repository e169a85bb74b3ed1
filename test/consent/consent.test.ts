import { expect, test } from 'vitest'
import {
  consentOf,
  mergeSettings,
  readSettings,
  refusalByLabels,
  refusalOf,
  runSecondsFor,
} from '../../src/consent/index.ts'

const read = (text: string | null) => (text === null ? null : readSettings(text))

test.each([
  ['public', null, 'public'],
  ['public', '', 'public'],
  ['public', 'enabled: true', 'public'],
  ['public', 'enabled: false', 'opted-out'],
  ['public', 'visibility: organisation', 'organisation'],
  ['public', 'enabled: false\nvisibility: public', 'opted-out'],
  ['public', 'enabeld: false', 'mistakes'],
  ['private', null, 'not-opted-in'],
  ['private', '', 'not-opted-in'],
  ['private', 'limits: { run_minutes: 5 }', 'not-opted-in'],
  ['private', 'enabled: true', 'private'],
  ['private', 'visibility: private', 'private'],
  ['private', 'visibility: organisation', 'organisation'],
  ['private', 'enabled: true\nvisibility: public', 'public'],
  ['private', 'enabled: false\nvisibility: public', 'opted-out'],
  ['private', 'enabled: true\nlables: {}', 'mistakes'],
] as const)('a %s repository with %j: %s', (visibility, text, outcome) => {
  const consent = consentOf({ file: read(text), visibility })
  expect(consent.consented ? consent.visibility : consent.why).toBe(outcome)
  if (!consent.consented)
    expect(refusalOf(consent)).toMatchObject({ refused: 'not-consented', evidence: { why: outcome } })
})

test("the organisation's file holds where the repository's own says nothing, key by key", () => {
  const organisation = read(
    'visibility: organisation\nlabels: { exclude: [wip], require: [ready] }\nlimits: { run_minutes: 5 }',
  )
  const own = read('visibility: private\nlabels: { exclude: [no-mining] }')
  expect(mergeSettings(own, organisation)).toEqual({
    settings: { visibility: 'private', labels: { exclude: ['no-mining'] }, limits: { run_minutes: 5 } },
  })
  expect(mergeSettings(null, organisation)).toEqual(organisation)
  expect(mergeSettings(own, null)).toEqual(own)
  expect(mergeSettings(null, null)).toBeNull()
})

test('a mistake in either file is one in both, and says whose it is', () => {
  const good = read('enabled: true')
  const bad = read('enabled: maybe')
  expect(mergeSettings(bad, good)).toMatchObject({ in: 'repository', problems: [{ line: 1 }] })
  expect(mergeSettings(good, bad)).toMatchObject({ in: 'organisation', problems: [{ line: 1 }] })
  expect(mergeSettings(bad, bad)).toMatchObject({ in: 'repository' })
})

test.each([
  [{}, ['bug'], null],
  [{ exclude: ['no-mining'] }, ['bug', 'No-Mining'], { setting: 'labels.exclude', labels: ['no-mining'] }],
  [{ require: ['ready', 'bug'] }, ['bug'], { setting: 'labels.require', labels: ['ready'] }],
  [{ require: ['ready', 'bug'] }, ['BUG', 'ready'], null],
  [{ require: ['a'], exclude: ['b'] }, ['b'], { setting: 'labels.exclude', labels: ['b'] }],
])('labels %j and a pull with %j', (labels, carried, evidence) => {
  const refused = evidence === null ? null : { refused: 'not-consented', evidence }
  expect(refusalByLabels({ labels }, carried)).toEqual(refused)
  expect(refusalByLabels(null, carried)).toBeNull()
})

test.each([
  [null, 600, 600],
  [{}, 600, 600],
  [{ limits: { run_minutes: 2 } }, 600, 120],
  [{ limits: { run_minutes: 60 } }, 600, 600],
])('a run under %j, where the operator allows %d s, may take %d s', (settings, operator, seconds) => {
  expect(runSecondsFor(settings, operator)).toBe(seconds)
})
