/** Numbers by chance that come again with the same seed (mulberry32), so that a run that failed can be repeated. */
export interface Chance {
  /** From 0 up to, and not including, 1. */
  next(): number
  /** One of a list that is not empty. */
  oneOf<T>(list: readonly T[]): T
  shuffled<T>(list: readonly T[]): T[]
}

export function makeChance(seed: number): Chance {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    oneOf: (list) => {
      const [one] = list.slice(Math.floor(next() * list.length))
      if (one === undefined) throw new Error('nothing to choose from')
      return one
    },
    shuffled: (list) =>
      list
        .map((one) => ({ one, at: next() }))
        .sort((left, right) => left.at - right.at)
        .map(({ one }) => one),
  }
}
