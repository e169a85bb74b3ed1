import { expect, test } from 'vitest'
import { Fault } from '../../src/errors.ts'
import { createLateRemovals } from '../../src/sandboxes/removal.ts'

test('what a removal failed with is told once, as a fault, to whoever asks next', async () => {
  const removals = createLateRemovals()
  for (const word of ['in use', 'no room']) await removals.begin(() => Promise.reject(new Error(word)))
  await new Promise(setImmediate)
  expect(() => removals.check()).toThrow(Fault)
  removals.check()
  await removals.settle()
  await removals.begin(() => Promise.reject(new Error('in use')))
  await expect(removals.settle()).rejects.toThrow('what a run wrote could not be removed: in use')
})

test('settling waits for those under way', async () => {
  const removals = createLateRemovals()
  const { promise, resolve } = Promise.withResolvers<void>()
  await removals.begin(() => promise)
  let settled = false
  const settling = removals.settle().then(() => {
    settled = true
  })
  await new Promise(setImmediate)
  expect(settled).toBe(false)
  resolve()
  await settling
})

test('where many are under way, the next one waits for an end', async () => {
  const removals = createLateRemovals()
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
  const begun: number[] = []
  const all = Promise.all(
    ends.map(({ promise }, at) =>
      removals.begin(() => {
        begun.push(at)
        return promise
      }),
    ),
  )
  await new Promise(setImmediate)
  expect(begun).toEqual([0, 1, 2, 3])
  ends[2]?.resolve()
  await all
  expect(begun).toEqual([0, 1, 2, 3, 4])
  for (const { resolve } of ends) resolve()
  await removals.settle()
})
