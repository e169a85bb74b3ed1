/**
 * Waits for all before it throws the first failure: nothing goes on behind the back of whoever is told of it. Gives what
 * `Promise.all` gives.
 */
export async function settleAll<const T extends readonly Promise<unknown>[]>(
  work: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work)
  return Promise.all(work)
}
