import type { Node } from '../parse.ts'

const loaders = new Set(['require', 'require_relative', 'load', 'autoload'])

/** What the file requires, as written, but with `./` before what is looked for beside it, as nothing else tells `require_relative` apart. */
export function requiredBy(root: Node): string[] {
  return [...new Set(root.descendantsOfType('call').flatMap((call) => requiredIn(call) ?? []))]
}

/** What a call requires; null where it is no `require` of a plain text. */
export function requiredIn(call: Node): string | null {
  const method = call.childForFieldName('method')?.text ?? ''
  const receiver = call.childForFieldName('receiver')?.text ?? 'Kernel'
  if (!loaders.has(method) || (receiver !== 'Kernel' && method !== 'autoload')) return null
  const text = plainText(call.childForFieldName('arguments')?.namedChildren.at(method === 'autoload' ? 1 : 0) ?? null)
  if (text === null) return null
  return method !== 'require_relative' || text.startsWith('.') || text.startsWith('/') ? text : `./${text}`
}

/** The text of a string without interpolation. */
function plainText(node: Node | null): string | null {
  if (node?.type !== 'string' || node.namedChildren.some(({ type }) => type !== 'string_content')) return null
  return node.namedChildren.map(({ text }) => text).join('')
}
