import grammar from '@tree-sitter-grammars/tree-sitter-kotlin'
import { spansWithComments } from '../jvm/spans.ts'
import { isTestPackage, lastName, testAnnotations, testClassAnnotations, testParents } from '../jvm/test-names.ts'
import { type Node, parse } from '../parse.ts'
import type { CodeSymbol, Language } from '../types.ts'

const types = new Set(['class_declaration', 'object_declaration'])
const declarations = new Set([...types, 'function_declaration', 'property_declaration', 'type_alias'])

/** Kotlin, its scripts with it. A test item is a top-level class (or function) that is or holds tests, or an import that only tests need. */
export const kotlin: Language = {
  name: 'kotlin',
  extensions: ['.kt', '.kts'],
  testItems: (source) => {
    const children = parse(grammar, source).namedChildren
    const tests = new Set(children.filter(isTest))
    return tests.size === 0 ? [] : spansWithComments(children, (node) => tests.has(node) || isTestImport(node))
  },
  isTestFile: (source) => {
    const declared = parse(grammar, source).namedChildren.filter((node) => declarations.has(node.type))
    return declared.some(isTest) && declared.every((node) => isTest(node) || isPrivate(node))
  },
  imports: (source) => {
    const found = parse(grammar, source).namedChildren.flatMap((node) => importOf(node) ?? [])
    return [...new Set(found)]
  },
  symbols: (source) => {
    const found: CodeSymbol[] = []
    collect(parse(grammar, source), [], found)
    return found
  },
}

function importOf(node: Node): string | null {
  if (node.type !== 'import') return null
  return node.text
    .replace(/^import\s+/, '')
    .replace(/\s+as\s+\S+\s*$/, '')
    .replace(/[\s;]+/g, '')
}

function isTestImport(node: Node): boolean {
  return isTestPackage(importOf(node) ?? '')
}

function isTest(node: Node): boolean {
  if (node.type === 'function_declaration') return annotationsOf(node).some((name) => testAnnotations.has(name))
  if (!types.has(node.type)) return false
  if (annotationsOf(node).some((name) => testClassAnnotations.has(name))) return true
  return parentsOf(node).some((name) => testParents.test(name)) || bodyOf(node).some(isTest)
}

/** By their first words: `@Test`, `@ParameterizedTest(name = "…")`, `@field:Rule`. */
function annotationsOf(node: Node): readonly string[] {
  const modifiers = node.namedChildren.find((child) => child.type === 'modifiers')
  return (modifiers?.namedChildren ?? [])
    .filter((child) => child.type === 'annotation')
    .map((child) => lastName(/^@(?:\w+:)?(?<name>[\w.]+)/.exec(child.text)?.groups?.name ?? ''))
}

function parentsOf(node: Node): readonly string[] {
  const specifiers = node.namedChildren.find((child) => child.type === 'delegation_specifiers')
  return (specifiers?.namedChildren ?? []).map((child) => /^[\w.]+/.exec(child.text)?.[0] ?? '')
}

function bodyOf(node: Node): readonly Node[] {
  return (
    node.namedChildren.find((child) => child.type === 'class_body' || child.type === 'enum_class_body')
      ?.namedChildren ?? []
  )
}

function isPrivate(node: Node): boolean {
  const modifiers = node.namedChildren.find((child) => child.type === 'modifiers')
  return (
    modifiers?.namedChildren.some((child) => child.type === 'visibility_modifier' && child.text === 'private') ?? false
  )
}

function collect(holder: Node, holders: readonly string[], found: CodeSymbol[]): void {
  const children = holder.type === 'source_file' ? holder.namedChildren : bodyOf(holder)
  for (const child of children) {
    const name = nameOf(child)
    const add = (kind: CodeSymbol['kind'], called: string) =>
      found.push({ name: [...holders, called].join('.'), kind, span: { start: child.startIndex, end: child.endIndex } })
    if (child.type === 'companion_object') collect(child, holders, found)
    if (name === null) continue
    if (types.has(child.type)) {
      add('type', name)
      collect(child, [...holders, name], found)
    } else if (child.type === 'type_alias') add('type', name)
    else if (child.type === 'function_declaration') add(holders.length === 0 ? 'function' : 'method', name)
    else if (child.type === 'property_declaration' || child.type === 'enum_entry') add('constant', name)
  }
}

function nameOf(node: Node): string | null {
  const named = node.childForFieldName('name') ?? node.namedChildren.find((child) => child.type === 'identifier')
  if (named !== undefined && named !== null) return named.text.replace(/^`|`$/g, '')
  const variable = node.namedChildren.find((child) => child.type === 'variable_declaration')
  return variable?.namedChildren.find((child) => child.type === 'identifier')?.text ?? null
}
