import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { funnelRows } from '../../../src/apps/cli/funnel.ts'
import { createOutput } from '../../../src/apps/cli/output.ts'
import { reportError } from '../../../src/apps/cli/report-error.ts'
import { Fault, UserError } from '../../../src/errors.ts'

function written(json: boolean, terminal: boolean): string {
  const stream = new PassThrough()
  const output = createOutput({ stream, terminal }, json)
  output.object({ task: 'acme__shop-1' })
  output.table(
    ['task', 'tests'],
    [
      ['acme__shop-1', 3],
      ['acme__shop-20', null],
    ],
  )
  output.text('two tasks')
  return String(stream.read())
}

test('a pipe gets plain columns', () => {
  expect(written(false, false)).toBe('task           tests\nacme__shop-1   3\nacme__shop-20  -\ntwo tasks\n')
})

test('a terminal gets frames', () => {
  expect(written(false, true)).toContain('│')
})

test('a program gets objects alone', () => {
  expect(written(true, true)).toBe('{"task":"acme__shop-1"}\n')
})

test('the funnel lists refusals in the order of the stages, and leaves out what did not happen', () => {
  const refused = { 'no-fail-to-pass': 2, 'not-merged': 1, bot: 3 }
  expect(funnelRows({ pulls: 9, candidates: 5, vetted: 2, refused, faults: 1, seconds: 1 })).toEqual([
    ['', 'merged pulls', 9],
    ['intake', 'not-merged', 1],
    ['miner', 'bot', 3],
    ['validators', 'no-fail-to-pass', 2],
    ['', 'fault (see `quarry jobs`)', 1],
    ['', 'vetted', 2],
  ])
})

test("a user's mistake is 2 with its mend; a fault is 1 with its kind and cause; only the unforeseen shows a trace", () => {
  expect(reportError(new UserError('no such file', { mend: 'name one' }))).toEqual({
    exitCode: 2,
    lines: ['error: no such file', 'mend: name one'],
  })
  expect(reportError(new Fault('disk-full', 'nothing can be written', { cause: new Error('ENOSPC') }))).toEqual({
    exitCode: 1,
    lines: ['fault (disk-full): nothing can be written', 'cause: ENOSPC'],
  })
  expect(reportError(new TypeError('x is not y')).lines.join('\n')).toMatch(/TypeError: x is not y\n +at /)
})
