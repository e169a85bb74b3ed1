import type { Node } from '../parse.ts'

/** Modules that a file imports, each once: `os.path`; with dots in front as they are written: `..cart`. Of `from . import a`, `.a`. */
export function importedModules(root: Node): string[] {
  const found = new Set<string>()
  for (const statement of root.descendantsOfType(['import_statement', 'import_from_statement']))
    for (const name of modulesOf(statement)) found.add(name)
  for (const call of root.descendantsOfType('call')) {
    const name = calledModule(call)
    if (name !== null) found.add(name)
  }
  return [...found]
}

/** The modules of one import statement. */
export function modulesOf(statement: Node): readonly string[] {
  if (statement.type === 'import_statement') return namesOf(statement.childrenForFieldName('name'))
  const module = statement.childForFieldName('module_name')?.text.replaceAll(/\s/g, '')
  if (module === undefined) return []
  if (!/^\.+$/.test(module)) return [module]
  const names = namesOf(statement.childrenForFieldName('name'))
  return names.length === 0 ? [module] : names.map((name) => `${module}${name}`)
}

function namesOf(nodes: readonly Node[]): readonly string[] {
  return nodes.flatMap((node) => {
    const name = node.type === 'aliased_import' ? node.childForFieldName('name') : node
    return name === null || name.type !== 'dotted_name' ? [] : [name.text.replaceAll(/\s/g, '')]
  })
}

/** `importlib.import_module('a.b')`, `pytest.importorskip('a')`, `__import__('a')`. */
function calledModule(call: Node): string | null {
  const callee = call.childForFieldName('function')
  if (callee === null || callee.endIndex - callee.startIndex > 40) return null
  if (!/^(?:(?:importlib\.)?import_module|__import__|(?:pytest\.)?importorskip)$/.test(callee.text)) return null
  const first = call.childForFieldName('arguments')?.namedChildren[0]
  const text = first?.type === 'string' ? /^["'](?<name>[\w.]+)["']$/.exec(first.text)?.groups?.name : undefined
  return text ?? null
}
