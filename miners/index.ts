import { linkedPull } from './linked-pull.ts'
import type { Miner } from './types.ts'

export type { ChangeSize, Miner, MinerContext } from './types.ts'

/** Every miner: one line each. */
export const miners: readonly Miner[] = [linkedPull]

/** The miner of that name, or null. */
export function minerNamed(name: string): Miner | null {
  return miners.find((miner) => miner.name === name) ?? null
}

/** The one that is used where none is named. */
export const defaultMiner: Miner = linkedPull
