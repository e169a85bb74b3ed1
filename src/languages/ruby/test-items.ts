import type { Node } from '../parse.ts'
import type { Span } from '../types.ts'
import { requiredIn } from './requires.ts'

/** Classes whose subclasses hold tests, by the last parts of their names. */
const testClasses =
  /(?:^|::)(?:(?:Mini[Tt]est::)?(?:Test|Spec|Unit::TestCase)|(?:Test::Unit::)?TestCase|[A-Z]\w*::TestCase|[A-Z]\w*(?:TestCase|Test|Spec))$/
const groupCalls =
  /^(?:(?:RSpec\.|Minitest\.)?x?f?(?:describe|context|feature|example_group)|(?:RSpec\.)?shared_(?:examples|examples_for|context)|RSpec\.configure)$/
/** What stands for a test inside of a class of tests, beside methods called `test…`. */
const testCalls = /^(?:x?f?(?:it|test|should|specify|example|scenario|describe|context)|data|sub_test_case)$/
const testLibraries =
  /^(?:minitest(?:\/.*)?|test\/unit(?:\/.*)?|test-unit|rspec(?:\/.*)?|active_support\/(?:test_case|testing\/.*)|(?:.*\/)?(?:test_helper|spec_helper|rails_helper|minitest_helper|helper))$/
/** Ruby reads these as instructions for the whole file. */
const magic = /^#\s*(?:-\*-.*|(?:frozen_string_literal|(?:en)?coding|warn_indent|shareable_constant_value|typed):.*)$/i

/**
 * Classes and groups of tests, also inside of modules, each with its own leading comments. Where there are any, what requires test
 * libraries at the top level is one, too.
 */
export function testItemsOf(root: Node): Span[] {
  const items = itemsIn(root)
  if (items.length === 0) return []
  const companions = root.namedChildren.flatMap((node, index) =>
    requiresTestLibrary(node) ? [spanOf(root.namedChildren, index)] : [],
  )
  return [...items, ...companions].toSorted((a, b) => a.start - b.start)
}

/** A file of tests: beside them it defines nothing. */
export function isTestFileRoot(root: Node): boolean {
  return itemsIn(root).length > 0 && !root.namedChildren.some(definesMore)
}

function itemsIn(holder: Node): Span[] {
  const nodes = holder.namedChildren
  return nodes.flatMap((node, index) => {
    if (isTestClass(node) || isTestGroup(node)) return [spanOf(nodes, index)]
    const body = node.type === 'module' ? node.childForFieldName('body') : null
    if (body === null) return []
    const inner = itemsIn(body)
    // A module that holds nothing but tests is one item with them.
    return inner.length > 0 && !body.namedChildren.some(definesMore) ? [spanOf(nodes, index)] : inner
  })
}

function definesMore(node: Node): boolean {
  if (isTestClass(node) || isTestGroup(node)) return false
  const body = node.childForFieldName('body')
  if (node.type === 'module' && body !== null && itemsIn(body).length > 0) return body.namedChildren.some(definesMore)
  if (node.type === 'assignment') return node.childForFieldName('left')?.type === 'constant'
  return /^(?:class|module|method|singleton_method|singleton_class|alias)$/.test(node.type)
}

/** `class CartTest < Minitest::Test` with a test in it: a base class of a test library's own has none. */
function isTestClass(node: Node): boolean {
  if (node.type !== 'class') return false
  const superclass = node.childForFieldName('superclass')?.namedChildren[0]?.text ?? ''
  if (!testClasses.test(superclass)) return false
  return node.childForFieldName('body')?.namedChildren.some(isTest) ?? false
}

function isTest(node: Node): boolean {
  if (node.type === 'method') return /^test/.test(node.childForFieldName('name')?.text ?? '')
  // `private def …`, `memoize def …` and the like hold no test; a class within may.
  if (node.type === 'class') return node.childForFieldName('body')?.namedChildren.some(isTest) ?? false
  return node.type === 'call' && node.childForFieldName('receiver') === null && testCalls.test(methodOf(node))
}

/** `describe 'Cart' do`, `RSpec.describe Cart do`. */
function isTestGroup(node: Node): boolean {
  if (node.type !== 'call' || node.childForFieldName('block') === null) return false
  const receiver = node.childForFieldName('receiver')?.text
  return groupCalls.test(receiver === undefined ? methodOf(node) : `${receiver}.${methodOf(node)}`)
}

function requiresTestLibrary(node: Node): boolean {
  const required = node.type === 'call' ? requiredIn(node) : null
  return required !== null && testLibraries.test(required)
}

function methodOf(call: Node): string {
  return call.childForFieldName('method')?.text ?? ''
}

/** The node with the comments that stand directly above it, but for those that Ruby itself reads. */
function spanOf(nodes: readonly Node[], index: number): Span {
  const node = nodes[index]
  if (node === undefined) return { start: 0, end: 0 }
  let first = node
  for (let above = index - 1; above >= 0; above -= 1) {
    const comment = nodes[above]
    const touches = comment?.type === 'comment' && comment.endPosition.row + 1 >= first.startPosition.row
    const trails = comment !== undefined && nodes[above - 1]?.endPosition.row === comment.startPosition.row
    if (comment === undefined || !touches || trails || magic.test(comment.text.trim())) break
    first = comment
  }
  return { start: first.startIndex, end: node.endIndex }
}
