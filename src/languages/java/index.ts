import grammar from 'tree-sitter-java'
import { spansWithComments } from '../jvm/spans.ts'
import { isTestPackage, lastName, testAnnotations, testClassAnnotations, testParents } from '../jvm/test-names.ts'
import { type Node, parse } from '../parse.ts'
import type { CodeSymbol, Language } from '../types.ts'

const types = new Set([
  'class_declaration',
  'interface_declaration',
  'enum_declaration',
  'record_declaration',
  'annotation_type_declaration',
])

/** Java. A test item is a top-level class that holds tests, at any depth, or an import that only tests need. */
export const java: Language = {
  name: 'java',
  extensions: ['.java'],
  testItems: (source) => {
    const children = parse(grammar, source).namedChildren
    const tests = new Set(children.filter(isTestClass))
    return tests.size === 0 ? [] : spansWithComments(children, (node) => tests.has(node) || isTestImport(node))
  },
  isTestFile: (source) => {
    const declared = parse(grammar, source).namedChildren.filter((node) => types.has(node.type))
    return declared.some(isTestClass) && declared.every((node) => isTestClass(node) || !isPublic(node))
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

/** `org.junit.Test`, `org.junit.Assert.*`; null for what is no import. */
function importOf(node: Node): string | null {
  if (node.type !== 'import_declaration') return null
  return node.text
    .replace(/^import\s+(?:static\s+)?/, '')
    .replace(/\s*;\s*$/, '')
    .replace(/\s+/g, '')
}

function isTestImport(node: Node): boolean {
  return isTestPackage(importOf(node) ?? '')
}

function isTestClass(node: Node): boolean {
  if (!types.has(node.type)) return false
  if (annotationsOf(node).some((name) => testClassAnnotations.has(name))) return true
  const parent = node.childForFieldName('superclass')?.namedChildren[0]?.text ?? ''
  if (testParents.test(parent.replace(/<[\s\S]*$/, ''))) return true
  const members = node.childForFieldName('body')?.namedChildren ?? []
  return members.some((member) =>
    member.type === 'method_declaration'
      ? annotationsOf(member).some((name) => testAnnotations.has(name))
      : isTestClass(member),
  )
}

function annotationsOf(node: Node): readonly string[] {
  const modifiers = node.namedChildren.find((child) => child.type === 'modifiers')
  return (modifiers?.namedChildren ?? [])
    .filter((child) => child.type === 'marker_annotation' || child.type === 'annotation')
    .map((child) => lastName(child.childForFieldName('name')?.text ?? ''))
}

function isPublic(node: Node): boolean {
  const modifiers = node.namedChildren.find((child) => child.type === 'modifiers')
  return modifiers?.children.some((child) => child.type === 'public') ?? false
}

function collect(holder: Node, holders: readonly string[], found: CodeSymbol[]): void {
  for (const child of holder.namedChildren) {
    if (child.type === 'enum_body_declarations') collect(child, holders, found)
    const name = child.childForFieldName('name')?.text
    const add = (kind: CodeSymbol['kind'], called: string) =>
      found.push({ name: [...holders, called].join('.'), kind, span: { start: child.startIndex, end: child.endIndex } })
    if (types.has(child.type) && name !== undefined) {
      add('type', name)
      const body = child.childForFieldName('body')
      if (body !== null) collect(body, [...holders, name], found)
    } else if (/^(?:method|constructor|compact_constructor)_declaration$/.test(child.type) && name !== undefined) {
      add('method', name)
    } else if (child.type === 'enum_constant' && name !== undefined) {
      add('constant', name)
    } else if (child.type === 'field_declaration' || child.type === 'constant_declaration') {
      for (const declarator of child.childrenForFieldName('declarator'))
        add('constant', declarator.childForFieldName('name')?.text ?? declarator.text)
    }
  }
}
