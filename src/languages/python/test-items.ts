import { startWithComments } from '../leading-comments.ts'
import type { Node } from '../parse.ts'
import type { Span } from '../types.ts'
import { modulesOf } from './modules.ts'

/** Modules that only tests import. */
const testModules =
  /^(?:pytest(?:_\w+)?|unittest|unittest2|mock|nose|hypothesis|testtools|twisted\.trial|django\.test|rest_framework\.test|absl\.testing|asynctest|faker|factory|freezegun|responses|respx|requests_mock|syrupy|snapshottest)(?:\.|$)/
const testBases = /(?:^|\.)(?:\w*TestCase|\w*TestBase|TestSuite|\w+Tests?|\w+Mixin|Test\w+)$/

type ItemKind = 'test' | 'companion'

/**
 * Top-level test functions and classes of tests with their decorators and leading comments. Where there are any, fixtures, the setup of the
 * module and imports of test modules count too. A function named `test_…` of a file that imports nothing for tests, and asserts nothing, is
 * code like any other.
 */
export function testItemsOf(root: Node): Span[] {
  const statements = root.namedChildren
  const isAboutTests = statements.some(importsTestModule)
  const kinds = statements.map((statement) => statementKind(statement, isAboutTests))
  if (!kinds.includes('test')) return []
  return statements.flatMap((statement, index) =>
    kinds[index] === null ? [] : [{ start: startWithComments(statements, index), end: statement.endIndex }],
  )
}

/** A file of tests: it has test items, and defines no public function or class that another file could need. */
export function isTestFileRoot(root: Node): boolean {
  const isAboutTests = root.namedChildren.some(importsTestModule)
  return (
    testItemsOf(root).length > 0 &&
    root.namedChildren.every((statement) => {
      const definition = definitionOf(statement)
      if (definition === null || statementKind(statement, isAboutTests) !== null) return true
      return (definition.childForFieldName('name')?.text ?? '_').startsWith('_')
    })
  )
}

function statementKind(statement: Node, isAboutTests: boolean): ItemKind | null {
  const definition = definitionOf(statement)
  if (definition === null) return importsTestModule(statement) ? 'companion' : null
  const name = definition.childForFieldName('name')?.text ?? ''
  if (definition.type === 'class_definition') return isTestClass(definition, name) ? 'test' : null
  if (isFixture(statement)) return isAboutTests ? 'companion' : null
  if (
    /^(?:setup|teardown|setUp|tearDown)_?(?:module|function|Module)$|^(?:load_tests|pytest_generate_tests)$/.test(name)
  )
    return 'companion'
  if (!/^test(?:_|$)/.test(name)) return null
  return isAboutTests || definition.descendantsOfType('assert_statement').length > 0 ? 'test' : null
}

/** `class TestCart` or `class CartTests(TestCase)` with a method of a test. */
function isTestClass(definition: Node, name: string): boolean {
  const bases = definition.childForFieldName('superclasses')?.namedChildren.map(({ text }) => text) ?? []
  if (!/^Test|Tests?$|TestCase$/.test(name) && !bases.some((base) => testBases.test(base))) return false
  const methods = definition.childForFieldName('body')?.namedChildren ?? []
  return methods.some((method) => /^test/.test(definitionOf(method)?.childForFieldName('name')?.text ?? ''))
}

function isFixture(statement: Node): boolean {
  return (
    statement.type === 'decorated_definition' &&
    statement.namedChildren.some(
      (child) => child.type === 'decorator' && /^@(?:pytest\.|pytest_asyncio\.)?fixture\b/.test(child.text),
    )
  )
}

function definitionOf(statement: Node): Node | null {
  const inner = statement.type === 'decorated_definition' ? statement.childForFieldName('definition') : statement
  return inner !== null && /^(?:function|class)_definition$/.test(inner.type) ? inner : null
}

/** An import of test modules and nothing else. */
function importsTestModule(statement: Node): boolean {
  if (!/^import(?:_from)?_statement$/.test(statement.type)) return false
  const modules = modulesOf(statement)
  return modules.length > 0 && modules.every((name) => testModules.test(name))
}
