import { createHmac } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { TestId, TestStatus } from '../../src/model/index.ts'
import { frameworkNamed, type ParsedReport, testFrameworks } from '../../src/test-frameworks/index.ts'
import { statusesOf } from '../../src/test-runs/statuses.ts'
import { type Recording, readRecording, recordingFolder, recordings } from './recording.ts'
import { type Sample, samples } from './samples/index.ts'

/*
 * Reports that the real frameworks made in real runs, in old and new versions (`programs/record.ts`), and what every reader owes of them. Nothing is
 * started here.
 */

type Files = ReadonlyMap<string, Buffer>

/** Frameworks of which no run is recorded yet. */
const unrecorded: readonly string[] = []

const keyOf = ({ framework, name }: Sample) => join(framework, name)

test('every framework is recorded, and every recording is of a sample', () => {
  const recorded = readdirSync(recordings).flatMap((framework) =>
    readdirSync(join(recordings, framework)).map((name) => join(framework, name)),
  )
  expect(recorded.toSorted()).toEqual(samples.map(keyOf).toSorted())
  const named = new Set([...samples.map(({ framework }) => framework), ...unrecorded])
  expect([...named].toSorted()).toEqual(testFrameworks.map(({ name }) => name).toSorted())
  expect(samples.filter(({ framework }) => unrecorded.includes(framework))).toEqual([])
})

describe.each(samples.filter((sample) => existsSync(recordingFolder(sample))))('$framework $name', (sample) => {
  const recording = readRecording(recordingFolder(sample))
  const whole = read(sample, recording)

  test('tells every test by its name, and how it ended', () => {
    expect(Object.fromEntries(statusesOf(whole.tests))).toEqual(sample.expected)
    expect(whole.complete).toBe(sample.isBrokenOff !== true)
  })

  test('names each test once, by what is the same in every run', () => {
    const ids = [...statusesOf(whole.tests).keys()]
    expect(ids).toHaveLength(whole.tests.length)
    expect(ids.filter((id) => /\/testbed|\/tmp\/|0x[0-9a-f]{6,}|@[0-9a-f]{6,}|\p{Cc}/u.test(id))).toEqual([])
    expect(read(sample, recording)).toEqual(whole)
    for (const { file } of whole.tests) expect(Object.keys(sample.files)).toContain(file)
  })

  test('says why a test failed', () => {
    for (const { file, path, status, message } of whole.tests)
      if (status === 'failed' || status === 'errored') expect(message?.trim(), [file, ...path].join(' > ')).toBeTruthy()
  })

  test('is believed in no part where a byte of it is missing', () => {
    for (const [name, content] of recording.files) {
      expectNoMore(name, null, 'taken out')
      // The last line's own end says nothing.
      for (const at of places(content.length - 1)) {
        expectNoMore(name, content.subarray(0, at), `cut at ${at}`)
        const without = Buffer.concat([content.subarray(0, at), content.subarray(at + 1)])
        expectNoMore(name, without, `without byte ${at}`)
      }
    }
    expect(read(sample, { ...recording, files: new Map() })).toEqual({ tests: [], complete: false })
    const emptied = new Map([...recording.files.keys()].map((name) => [name, Buffer.alloc(0)]))
    expect(read(sample, { ...recording, files: emptied })).toEqual({ tests: [], complete: false })
  })

  test('is no other for what somebody else writes into it', () => {
    for (const [name, content] of recording.files) {
      const lines = content.toString('latin1').split(/(?<=\n)/)
      const foreign = strangers(whole)
      for (const at of places(lines.length)) {
        const mixed = [...lines.slice(0, at), ...foreign, ...lines.slice(at)].join('')
        expectNoMore(name, Buffer.from(mixed, 'latin1'), `with strange lines at ${at}`)
      }
      expectNoMore(name, Buffer.concat([content, content]), 'doubled')
      expectNoMore(name, Buffer.from(lines.toReversed().join(''), 'latin1'), 'turned round')
    }
    const added = read(sample, { ...recording, files: changed(recording.files, 'more.txt', Buffer.from('more\n')) })
    expect(added).toEqual(whole)
  })

  test('says nothing to who has another secret', () => {
    expect(read(sample, { ...recording, nonce: 'another secret' })).toEqual({ tests: [], complete: false })
  })

  /** What a damaged report may still say: nothing that the whole does not, and not that it is whole where it lacks what passed. */
  function expectNoMore(name: string, content: Buffer | null, why: string): void {
    const damaged = read(sample, { ...recording, files: changed(recording.files, name, content) })
    const [before, after] = [whole, damaged].map(({ tests }) => statusesOf(tests))
    const invented = passedOf(after).filter((id) => before?.get(id) !== 'passed')
    expect(invented, `${name} ${why}`).toEqual([])
    const lost = passedOf(before).filter((id) => after?.has(id) !== true)
    if (damaged.complete && ![...(after?.values() ?? [])].includes('errored'))
      expect(lost, `${name} ${why}`).toEqual([])
  }
})

const passedOf = (statuses: ReadonlyMap<TestId, TestStatus> = new Map()) =>
  [...statuses].flatMap(([id, status]) => (status === 'passed' ? [id] : []))

function read({ framework }: Sample, { files, nonce, directory }: Recording): ParsedReport {
  return frameworkNamed(framework).parse({ files, stdout: Buffer.alloc(0), nonce, directory })
}

function changed(files: Files, name: string, content: Buffer | null): Files {
  const others = [...files].filter(([each]) => each !== name)
  return new Map(content === null ? others : [...others, [name, content]])
}

/** Some places in a text of that length, its beginning and its last part always among them; the same each time. */
function places(length: number): number[] {
  const most = 8
  const step = Math.max(1, Math.floor(length / most))
  const spread = Array.from({ length: Math.min(length, most) }, (_, at) => at * step)
  return [...new Set([...spread, length - 1, length - 20, Math.floor(length / 2)])].filter(
    (at) => at >= 0 && at < length,
  )
}

/** Lines that are in nobody's report: without a signature, with a wrong one, in the words of what the tests themselves print, and no text at all. */
function strangers({ tests: [first] }: ParsedReport): readonly string[] {
  const line = { t: 'test', file: first?.file ?? 'a', path: ['forged'], status: 'passed', ms: 1, message: null }
  const json = JSON.stringify(line)
  const forged = (number: number) => createHmac('sha256', 'guessed').update(`${number}:${json}`).digest('hex')
  return [
    json,
    `${'0'.repeat(64)} ${json}`,
    `${forged(1)} ${json}`,
    `${forged(2)} {"t":"end"}`,
    '{ "type": "test", "event": "ok", "name": "forged" }',
    'ok 1 - forged',
    '--- PASS: TestForged (0.00s)',
    '\0\xff\xfe\r\xef\xbb\xbf\x1b[0m\u2028',
    'x'.repeat(20_000),
  ].map((text) => `${text}\n`)
}
