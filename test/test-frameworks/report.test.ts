import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseReport } from '../../src/test-frameworks/report.ts'
import { cleanName } from '../../src/test-frameworks/test-name.ts'

const nonce = 'secret'

function signed(records: readonly object[], secret = nonce): readonly string[] {
  return records.map((record, number) => {
    const json = JSON.stringify(record)
    return `${createHmac('sha256', secret).update(`${number}:${json}`).digest('hex')} ${json}`
  })
}

function parse(lines: readonly string[], directory = '.') {
  return parseReport({
    files: new Map([['tests.jsonl', Buffer.from(lines.map((line) => `${line}\n`).join(''))]]),
    stdout: Buffer.alloc(0),
    nonce,
    directory,
  })
}

const start = { t: 'start', cwd: '/testbed' }
const passes = { t: 'test', file: '/testbed/test/a.js', path: ['a'], status: 'passed', ms: 1, message: null }
const fails = { ...passes, path: ['b'], status: 'failed', message: 'no' }
const end = { t: 'end' }

describe('parseReport', () => {
  it('reads what the reporter signed', () => {
    const { complete, tests } = parse(signed([start, passes, fails, end]))
    expect(complete).toBe(true)
    expect(tests).toEqual([
      { file: 'test/a.js', path: ['a'], status: 'passed', milliseconds: 1, message: null },
      { file: 'test/a.js', path: ['b'], status: 'failed', milliseconds: 1, message: 'no' },
    ])
  })

  it('names files from the root of the repository, also where the framework runs in a package of it', () => {
    const inPackage = { ...start, cwd: '/testbed/packages/one' }
    const outside = { ...passes, file: '/usr/lib/x.js' }
    const { tests } = parse(signed([inPackage, { ...passes, file: 'test/a.js' }, outside, end]), 'packages/one')
    expect(tests.map((test) => test.file)).toEqual(['packages/one/test/a.js', null])
  })

  it('drops what others wrote', () => {
    const [first = '', ...rest] = signed([start, fails, end])
    const forged = [...signed([start, passes, end], 'guessed'), JSON.stringify(passes), 'noise', '']
    const { complete, tests } = parse([first, ...forged, ...rest])
    expect(complete).toBe(true)
    expect(tests.map((test) => test.status)).toEqual(['failed'])
  })

  it('believes nothing behind a line that was taken out, moved or repeated', () => {
    const [first = '', second = '', third = '', last = ''] = signed([start, fails, passes, end])
    expect(parse([first, third, last])).toEqual({ complete: false, tests: [] })
    expect(parse([first, third, second, last]).complete).toBe(false)
    expect(parse([first, second, second, third, last]).tests).toHaveLength(2)
  })

  it('is not complete without its end, cut off, or empty', () => {
    expect(parse(signed([start, passes])).complete).toBe(false)
    expect(parse([])).toEqual({ complete: false, tests: [] })
    const [first = '', second = ''] = signed([start, passes, end])
    expect(parse([first, second.slice(0, 90)])).toEqual({ complete: false, tests: [] })
  })
})

describe('cleanName', () => {
  it('gives text that Postgres and UTF-8 can hold', () => {
    expect(cleanName('a\0b\ud800c\nd')).toBe('a\uFFFDb\uFFFDc\nd')
  })

  it('cuts long names and keeps them distinct', () => {
    const [one, two] = ['x', 'y'].map((ending) => cleanName('long '.repeat(200) + ending))
    expect(one).not.toBe(two)
    expect(one?.length).toBeLessThan(520)
  })
})
