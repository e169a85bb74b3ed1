import { expect, test } from 'vitest'
import { createLateRemovals } from '../../src/sandboxes/removal.ts'

test('what a removal failed with is told once, to whoever asks next', async () => {
  const removals = createLateRemovals()
  removals.begin(Promise.reject(new Error('in use')))
  await new Promise(setImmediate)
  expect(() => removals.check()).toThrow('in use')
  removals.check()
  await removals.settle()
})

test('settling waits for those under way, and tells of what failed', async () => {
  const removals = createLateRemovals()
  const { promise, reject } = Promise.withResolvers<void>()
  removals.begin(promise)
  removals.begin(Promise.resolve())
  removals.check()
  const settled = removals.settle()
  reject(new Error('no room'))
  await expect(settled).rejects.toThrow('no room')
  await removals.settle()
})
