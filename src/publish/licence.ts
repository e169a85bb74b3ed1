import correctSpdx from 'spdx-correct'
import { z } from 'zod'
import type { TreeReader } from '../model/index.ts'

/** `license` as npm takes it today, and the two shapes it took before. */
const named = z.union([z.string(), z.object({ type: z.string() }).transform(({ type }) => type)])
const manifest = z.object({
  license: named.optional().catch(undefined),
  licenses: z.array(named).min(1).optional().catch(undefined),
})

/**
 * The licence that the manifest at the tree's root states, as an SPDX expression (`MIT`, `MIT OR Apache-2.0`; `Apache 2` is mended);
 * null where it states none that SPDX knows. Texts of licences are not compared: what a file is like is no statement.
 */
export async function licenceOf(tree: TreeReader): Promise<string | null> {
  const text = await tree.read('package.json')
  const stated = text === null ? null : statedIn(text)
  return stated === null ? null : (correctSpdx(stated) ?? null)
}

function statedIn(text: string): string | null {
  const read = manifest.safeParse(parsed(text))
  if (!read.success) return null
  const { license, licenses } = read.data
  return license ?? licenses?.join(' OR ') ?? null
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
