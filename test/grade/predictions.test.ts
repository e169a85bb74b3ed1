import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { UserError } from '../../src/errors.ts'
import {
  type Prediction,
  type PredictionProblem,
  readPredictions,
  surveyPredictions,
} from '../../src/grade/predictions.ts'
import { scratch } from '../snapshot/sample.ts'

async function file(name: string, text: string): Promise<string> {
  const path = join(await scratch(), name)
  writeFileSync(path, text)
  return path
}

async function readAll(path: string) {
  const all: (Prediction | PredictionProblem)[] = []
  for await (const one of readPredictions(path)) all.push(one)
  return all
}

const entry = (instance: unknown, patch: unknown = 'p') => ({
  instance_id: instance,
  model_name_or_path: 'm',
  model_patch: patch,
})

describe('predictions in JSON Lines', () => {
  test('each with its line; bad ones are told and do not stop the rest', async () => {
    const lines = [
      JSON.stringify(entry('a')),
      '',
      '{oops',
      JSON.stringify(entry(5)),
      '[]',
      JSON.stringify(entry('b', null)),
    ]
    expect(await readAll(await file('p.jsonl', `\uFEFF${lines.join('\r\n')}`))).toEqual([
      { instance: 'a', model: 'm', patch: 'p', line: 1 },
      { line: 3, problem: expect.stringMatching(/^is no JSON: /) },
      { line: 4, problem: expect.stringMatching(/^is no prediction: instance_id: /) },
      { line: 5, problem: expect.stringMatching(/^is no prediction: /) },
      { instance: 'b', model: 'm', patch: null, line: 6 },
    ])
  })

  test('a patch that was left out is none', async () => {
    const path = await file('p', '{"instance_id":"a","model_name_or_path":"m"}\n')
    expect(await readAll(path)).toMatchObject([{ instance: 'a', patch: null }])
  })

  test('of several for one task the last counts, and the others are told', async () => {
    const path = await file('p.jsonl', ['a', 'b', 'a'].map((id) => JSON.stringify(entry(id))).join('\n'))
    const { problems, lines } = await surveyPredictions(path)
    expect(problems).toEqual([{ line: 1, problem: 'a comes again in line 3, which counts' }])
    expect([...lines]).toEqual([
      ['a', { line: 3, model: 'm' }],
      ['b', { line: 2, model: 'm' }],
    ])
  })
})

describe('predictions in one JSON file', () => {
  test('a list', async () => {
    const text = JSON.stringify([entry('a'), 7, entry('b')], null, 1)
    for (const name of ['p.json', 'p.txt'])
      expect(await readAll(await file(name, text))).toEqual([
        { instance: 'a', model: 'm', patch: 'p', line: 2 },
        { line: 7, problem: expect.stringContaining('is no prediction') },
        { instance: 'b', model: 'm', patch: 'p', line: 8 },
      ])
  })

  test('an object by instance, whose names stand in where an entry has none', async () => {
    const { instance_id: _, ...unnamed } = entry('')
    const text = JSON.stringify({ a: unnamed, b: entry('b2') }, null, 1)
    expect(await readAll(await file('p.json', text))).toMatchObject([
      { instance: 'a', line: 2 },
      { instance: 'b2', line: 6 },
    ])
  })

  test.each([
    ['broken', '[\n{"instance_id":\n', /in line 3/],
    ['empty', '', /in line 1/],
    ['a number', '7', /neither a list nor an object/],
  ])('%s is refused whole', async (_, text, problem) => {
    const path = await file('p.json', text)
    await expect(readAll(path)).rejects.toThrow(UserError)
    await expect(readAll(path)).rejects.toThrow(problem)
  })
})

test('a file that is not there is wrong usage', async () => {
  await expect(readAll(join(await scratch(), 'none.jsonl'))).rejects.toThrow(UserError)
})
