import type { Node } from '../parse.ts'
import type { Holder } from '../types.ts'
import { itemsIn } from './attributes.ts'
import { bodyOf } from './test-items.ts'

/** Modules, implementations and traits with their bodies, outer ones before inner ones. */
export function holdersOf(root: Node): Holder[] {
  const found: Holder[] = []
  collect(root, [], found)
  return found
}

function collect(holder: Node, names: readonly string[], found: Holder[]): void {
  for (const { item } of itemsIn(holder)) {
    const body = bodyOf(item)
    if (body === null) continue
    const all = [...names, headOf(item, body)]
    found.push({
      name: all.join(' > '),
      body: { start: body.startIndex + 1, end: Math.max(body.startIndex + 1, body.endIndex - 1) },
    })
    collect(body, all, found)
  }
}

/** `mod uri`, `impl<T> Display for Cart<T>`: what stands before the braces, without visibility and blanks. */
function headOf(item: Node, body: Node): string {
  return item.text
    .slice(0, body.startIndex - item.startIndex)
    .replace(/^pub(?:\([^)]*\))?\s+/, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
}
