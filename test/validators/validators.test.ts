import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { TestStatus } from '../../src/model/index.ts'
import { validators } from '../../validators/index.ts'
import type { ValidatedRun, ValidationFacts } from '../../validators/types.ts'

const ran = (statuses: Record<string, TestStatus>, ended = 'completed', seconds = 10): ValidatedRun => ({
  ended,
  seconds,
  statuses: new Map(Object.entries(statuses)),
})

const sound: ValidationFacts = {
  base: [ran({ old: 'passed' })],
  before: [ran({ old: 'passed', new: 'failed' })],
  after: [ran({ old: 'passed', new: 'passed' })],
  repeats: { before: [], after: [] },
  failToPass: ['new'],
  passToPass: ['old'],
  flaky: [],
  logs: { before: '', after: '' },
  changes: [],
  statement: { title: 'It breaks', issue: 'It breaks\n\nPlease mend it.', hints: '' },
  fixPatch: Buffer.from('+const mended = everything.that(was, broken)\n'),
  folders: { snapshot: '/nonexistent', layers: [] },
  readBlob: async () => Buffer.alloc(0),
}

const judge = async (name: string, facts: Partial<ValidationFacts>) =>
  validators.find((validator) => validator.name === name)?.validate({ ...sound, ...facts })

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

describe.each(validators.map((validator) => [validator.name, validator] as const))('%s', (_, validator) => {
  test('accepts a sound candidate, with evidence, and the same twice', async () => {
    const verdict = await validator.validate(sound)
    expect(verdict.verdict).toBe('accepted')
    expect(Object.keys(verdict.evidence).length).toBeGreaterThan(0)
    expect(await validator.validate(sound)).toEqual(verdict)
  })
})

test('no FAIL_TO_PASS test is a refusal; one that only the first pair of runs showed is a flaky one', async () => {
  const same = [ran({ old: 'passed' })]
  expect(await judge('fails-before-passes-after', { failToPass: [], before: same, after: same })).toMatchObject({
    reason: 'no-fail-to-pass',
  })
  expect(await judge('fails-before-passes-after', { failToPass: [] })).toMatchObject({ reason: 'flaky' })
})

test('FAIL_TO_PASS tests that were all missing before are flagged', async () => {
  const verdict = await judge('fails-before-passes-after', { before: [ran({}, 'build-failed')] })
  expect(verdict).toMatchObject({ verdict: 'flagged', flags: ['missing-before'] })
})

test('a before-run that was stopped when the fixed state would hardly have been through says nothing', async () => {
  const slow = [ran({ old: 'passed', new: 'passed' }, 'completed', 594)]
  const stopped = ran({}, 'timed-out', 600)
  const asked = (before: readonly ValidatedRun[], after = slow) => judge('fails-before-passes-after', { before, after })
  expect(await asked([stopped, stopped])).toMatchObject({
    verdict: 'refused',
    reason: 'timed-out',
    evidence: { before_seconds: [600, 600], after_seconds: 594 },
  })
  expect(await asked([stopped, ran({ old: 'passed' }, 'completed', 590)])).toMatchObject({ verdict: 'flagged' })
  expect(await asked([stopped], [ran({ new: 'passed' }, 'completed', 60)])).toMatchObject({ verdict: 'flagged' })
})

test('after-runs that end in different ways are refused', async () => {
  const after = [ran({ new: 'passed' }), ran({ new: 'passed' }, 'no-report')]
  expect(await judge('deterministic', { after })).toMatchObject({ verdict: 'refused', reason: 'flaky' })
})

test('tests that only the missing network kept from passing are told apart', async () => {
  const after = [ran({ new: 'failed' })]
  const logs = { before: '', after: 'Error: getaddrinfo EAI_AGAIN api.example\n' }
  expect(await judge('offline', { failToPass: [], after, logs })).toMatchObject({
    verdict: 'refused',
    reason: 'needs-network',
  })
})

describe('no-leak', () => {
  const fixed = Buffer.from(`${'export const fixed = true // the fix itself\n'.repeat(3)}`)
  const change = {
    path: 'src/fixed.js',
    kind: 'source',
    status: 'modified',
    oldMode: '100644',
    newMode: '100644',
    oldBlob: 'a',
    newBlob: 'b',
  } as const

  test('refuses a layer that holds a file of the fix', async () => {
    const layer = await mkdtemp(join(tmpdir(), 'quarry-leak-'))
    folders.push(layer)
    await mkdir(join(layer, 'node_modules/self/src'), { recursive: true })
    await writeFile(join(layer, 'node_modules/self/src/fixed.js'), fixed)
    const facts = {
      changes: [change],
      readBlob: async () => fixed,
      folders: { snapshot: '/nonexistent', layers: [layer] },
    }
    expect(await judge('no-leak', facts)).toMatchObject({
      verdict: 'refused',
      reason: 'leak',
      evidence: { files: ['node_modules/self/src/fixed.js'] },
    })
    await writeFile(join(layer, 'node_modules/self/src/fixed.js'), 'export const fixed = false\n')
    expect(await judge('no-leak', facts)).toMatchObject({ verdict: 'accepted' })
  })

  test('refuses a statement that spells the fix out', async () => {
    const lines = [
      'const total = items.reduce(add, 0)',
      'return Math.round(total * 100) / 100',
      'export { roundedTotal as total }',
    ]
    const fixPatch = Buffer.from(lines.map((line) => `+  ${line}\n`).join(''))
    const statement = { title: 'Rounding', issue: `Rounding\n\nThis mends it:\n${lines.join('\n')}`, hints: '' }
    expect(await judge('no-leak', { fixPatch, statement })).toMatchObject({ verdict: 'refused', reason: 'leak' })
    expect(await judge('no-leak', { fixPatch })).toMatchObject({ verdict: 'accepted' })
  })
})
