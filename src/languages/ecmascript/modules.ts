import type { Node } from '../parse.ts'

/** Modules whose `test`, `it`, `describe` … define tests. */
const testModules =
  /^(?:node:test|test|vitest|bun:test|@jest\/globals|@playwright\/test|mocha|jasmine|ava|tape(?:-promise)?(?:\/.*)?|@ljharb\/tape|tap|@tapjs\/.+|zora|uvu|tsd-lite|@japa\/runner|@std\/testing\/bdd|@open-wc\/testing|@web\/test-runner|lab|@hapi\/lab|best-tape|qunit|ospec|baretest|brittle|blue-tape|tape-catch|riteway|poku|tinytest|tst|node-tap|japa|bdd-tape|tapes|tape-async|redtape)$/

export function isTestModule(specifier: string): boolean {
  return testModules.test(specifier)
}

/** Module specifiers of the whole file: import, export … from, require(…), require.resolve(…), import(…), jest.mock(…), new URL('./x', import.meta.url). */
export function specifiersOf(root: Node): string[] {
  const found = new Set<string>()
  for (const node of root.descendantsOfType(['import_statement', 'export_statement', 'import_require_clause'])) {
    const text = stringOf(node.childForFieldName('source'))
    if (text !== null) found.add(text)
  }
  for (const call of root.descendantsOfType(['call_expression', 'new_expression'])) {
    const text = loads(call) ? firstString(call) : null
    if (text !== null) found.add(text)
  }
  return [...found]
}

const loaders =
  /^(?:require|import|new URL|require\.resolve|(?:jest|vi|mock|td)\.\w+|proxyquire|rewire|esmock|importShared)$/

function loads(call: Node): boolean {
  const callee = call.childForFieldName('function') ?? call.childForFieldName('constructor')
  if (callee === null || callee.endIndex - callee.startIndex > 40) return false
  return loaders.test(call.type === 'new_expression' ? `new ${callee.text}` : callee.text)
}

function firstString(call: Node): string | null {
  return stringOf(call.childForFieldName('arguments')?.namedChildren[0] ?? null)
}

/** The text of a plain string literal, escapes left as they are; null for anything else. */
function stringOf(node: Node | null): string | null {
  if (node === null) return null
  if (node.type === 'string') return node.text.slice(1, -1)
  return node.type === 'template_string' && node.namedChildren.every((child) => child.type === 'string_fragment')
    ? node.text.slice(1, -1)
    : null
}

/** True for an import or a declaration that brings names from test modules and nothing else. */
export function bindsTestModules(statement: Node): boolean {
  const names = new Map<string, string | null>()
  bindStatement(statement, names)
  return names.size > 0 && [...names.values()].every((source) => source !== null && isTestModule(source))
}

/** What the top level of the file binds: local name → module specifier, null where it is bound in another way. */
export function topLevelBindings(root: Node): ReadonlyMap<string, string | null> {
  const names = new Map<string, string | null>()
  for (const statement of root.namedChildren) {
    const declared = statement.type === 'export_statement' ? statement.childForFieldName('declaration') : statement
    if (declared !== null) bindStatement(declared, names)
  }
  return names
}

function bindStatement(statement: Node, names: Map<string, string | null>): void {
  if (statement.type === 'import_statement') bindImport(statement, names)
  if (statement.type === 'lexical_declaration' || statement.type === 'variable_declaration') {
    for (const declarator of statement.namedChildren) bindDeclarator(declarator, names)
  }
  if (/^(?:function|generator_function|class|abstract_class)_declaration$/.test(statement.type)) {
    const name = statement.childForFieldName('name')
    if (name !== null) names.set(name.text, null)
  }
}

function bindImport(statement: Node, names: Map<string, string | null>): void {
  const source = stringOf(statement.childForFieldName('source'))
  const clause = statement.namedChildren.find((child) => child.type === 'import_clause')
  for (const identifier of clause?.descendantsOfType('identifier') ?? []) names.set(identifier.text, source)
}

function bindDeclarator(declarator: Node, names: Map<string, string | null>): void {
  const target = declarator.childForFieldName('name')
  if (target === null) return
  const source = requiredModule(declarator.childForFieldName('value'), names)
  const bound =
    target.type === 'identifier'
      ? [target]
      : target.descendantsOfType(['identifier', 'shorthand_property_identifier_pattern'])
  for (const identifier of bound) names.set(identifier.text, source)
}

/** `require('tape')`, `require('ava').serial`, `require('tape')(…)`, `test.describe`: the module that the value comes from. */
function requiredModule(value: Node | null, names: ReadonlyMap<string, string | null>): string | null {
  if (value === null) return null
  if (value.type === 'identifier') return names.get(value.text) ?? null
  if (value.type === 'await_expression') return requiredModule(value.namedChildren[0] ?? null, names)
  if (value.type === 'member_expression') return requiredModule(value.childForFieldName('object'), names)
  if (value.type !== 'call_expression') return null
  const callee = value.childForFieldName('function')
  if (callee?.type === 'identifier' && callee.text === 'require') return firstString(value)
  return callee?.type === 'import' ? firstString(value) : requiredModule(callee, names)
}
