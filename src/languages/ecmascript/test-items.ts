import { startWithComments } from '../leading-comments.ts'
import type { Node } from '../parse.ts'
import type { Span } from '../types.ts'
import { bindsTestModules, isTestModule, topLevelBindings } from './modules.ts'

const testCalls = new Set([
  'describe',
  'it',
  'test',
  'suite',
  'context',
  'specify',
  'fdescribe',
  'xdescribe',
  'fit',
  'xit',
  'xtest',
  'xcontext',
  'xspecify',
  'ftest',
  'tape',
])
const hookCalls = new Set([
  'before',
  'after',
  'beforeEach',
  'afterEach',
  'beforeAll',
  'afterAll',
  'setup',
  'teardown',
  'suiteSetup',
  'suiteTeardown',
])
const testFields = new Set([
  ...testCalls,
  'only',
  'skip',
  'todo',
  'each',
  'for',
  'concurrent',
  'sequential',
  'serial',
  'failing',
  'fails',
  'runIf',
  'skipIf',
  'extend',
  'shuffle',
  'cb',
  'macro',
  'parallel',
  'step',
  'optional',
])
const hookFields = new Set([...hookCalls, 'always', 'onFinish', 'teardown', 'createHarness'])

/** A companion is an item only beside a test. */
type ItemKind = 'test' | 'companion'
type Names = ReadonlyMap<string, string | null>

/**
 * Top-level statements that define tests, each with its own leading comments. Where there are any, hooks and the imports of
 * test modules count too: without them the items could not run in another version of the file.
 */
export function testItemsOf(root: Node): Span[] {
  const names = topLevelBindings(root)
  const statements = root.namedChildren
  const kinds = statements.map((statement) => statementKind(statement, names))
  if (!kinds.includes('test')) return []
  return statements.flatMap((statement, index) =>
    kinds[index] === null ? [] : [{ start: startWithComments(statements, index), end: statement.endIndex }],
  )
}

/** A file of tests: it has test items, and exports nothing that another file could need. */
export function isTestFileRoot(root: Node): boolean {
  return testItemsOf(root).length > 0 && !root.namedChildren.some(exportsSomething)
}

/** Declarations are never items, even where their bodies define tests: they are called from elsewhere. */
function statementKind(statement: Node, names: Names): ItemKind | null {
  switch (statement.type) {
    case 'expression_statement':
    case 'for_statement':
    case 'for_in_statement':
    case 'statement_block':
      return definesTests(statement, names)
    case 'import_statement':
    case 'lexical_declaration':
    case 'variable_declaration':
      return bindsTestModules(statement) ? 'companion' : null
    case 'if_statement':
      return isInSourceGuard(statement) ? 'test' : definesTests(statement, names)
    default:
      return null
  }
}

/** `if (import.meta.vitest) { … }`, and the guard of Bun, Deno and others: `if (import.meta.test)`. */
function isInSourceGuard(statement: Node): boolean {
  const condition = statement.childForFieldName('condition')?.text ?? ''
  return /\bimport\.meta\.(?:vitest|test)\b|\bprocess\.env\.VITEST\b/.test(condition)
}

function definesTests(statement: Node, names: Names): ItemKind | null {
  if (exportsSomething(statement)) return null
  let companion = false
  for (const call of statement.descendantsOfType('call_expression')) {
    const kind = callKind(call, names)
    if (kind === 'test') return 'test'
    companion ||= kind === 'companion' && call.parent?.id === statement.id
  }
  return companion ? 'companion' : null
}

/** `describe('…', …)`, `test.only.each(…)('…', …)`, `test.describe('…')`, `it.each`…`('…')`: a known name, called with a title. */
function callKind(call: Node, names: Names): ItemKind | null {
  const chain = chainOf(call.childForFieldName('function'))
  const [head, ...fields] = chain
  if (head === undefined) return null
  const source = names.get(head)
  if (names.has(head) && (source === null || source === undefined || !isTestModule(source))) return null
  const fromTestModule = names.has(head)
  if (hookCalls.has(fields.at(-1) ?? head) && fields.every((field) => hookFields.has(field) || testFields.has(field)))
    return 'companion'
  const known = (fromTestModule || testCalls.has(head)) && fields.every((field) => testFields.has(field))
  return known && (fromTestModule ? startsWithTitle(call) : hasTitleAndBody(call)) ? 'test' : null
}

/** Identifiers of a callee from the inside out; calls and tagged templates between them (`.each(…)`) are seen through. */
function chainOf(callee: Node | null): string[] {
  if (callee === null) return []
  if (callee.type === 'identifier') return [callee.text]
  if (callee.type === 'call_expression') return chainOf(callee.childForFieldName('function'))
  if (callee.type !== 'member_expression') return []
  const property = callee.childForFieldName('property')
  const inner = chainOf(callee.childForFieldName('object'))
  return inner.length === 0 || property === null ? [] : [...inner, property.text]
}

/** A global `test(…)` must look like one: a title and a body, a title alone (`test.todo('…')`), or a body alone. */
function hasTitleAndBody(call: Node): boolean {
  const [first, ...rest] = argumentsOf(call)
  if (first === undefined) return false
  if (isFunction(first) || rest.some(isFunction)) return true
  return (
    isText(first) && rest.every((child) => /^(?:object|identifier|call_expression|member_expression)$/.test(child.type))
  )
}

/** What a test framework was imported for needs less proof: ava takes macros and their arguments after the title. */
function startsWithTitle(call: Node): boolean {
  const [first, ...rest] = argumentsOf(call)
  return first !== undefined && (isText(first) || isFunction(first) || rest.some(isFunction))
}

function argumentsOf(call: Node): Node[] {
  const given = call.childForFieldName('arguments')
  return given === null || given.type === 'template_string'
    ? []
    : given.namedChildren.filter((child) => child.type !== 'comment')
}

function isText(node: Node): boolean {
  return node.type === 'string' || node.type === 'template_string' || node.type === 'binary_expression'
}

function isFunction(node: Node): boolean {
  return /^(?:arrow_function|function|function_expression|generator_function)$/.test(node.type)
}

function exportsSomething(statement: Node): boolean {
  if (statement.type === 'export_statement') return true
  if (statement.type !== 'expression_statement') return false
  const assignment = statement.namedChildren[0]
  if (assignment?.type !== 'assignment_expression') return false
  return /^(?:module\.exports|exports)\b/.test(assignment.childForFieldName('left')?.text ?? '')
}
