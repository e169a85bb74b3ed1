import { expect, test } from 'vitest'
import { settleAll } from '../src/settle-all.ts'

test('waits for all before it throws the first failure', async () => {
  const { promise, resolve } = Promise.withResolvers<string>()
  let told = false
  const all = settleAll([Promise.reject(new Error('first')), promise]).catch((error: unknown) => {
    told = true
    return error
  })
  await new Promise(setImmediate)
  expect(told).toBe(false)
  resolve('done')
  expect(await all).toEqual(new Error('first'))
})

test('gives what each gave, in order', async () => {
  expect(await settleAll([Promise.resolve(1), Promise.resolve('two')])).toEqual([1, 'two'])
})
