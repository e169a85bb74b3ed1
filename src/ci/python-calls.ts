import type { Node } from '../languages/parse.ts'
import { itemsOf, type PythonScope, type PythonValue, pythonValue, truthOf } from './python-values.ts'

/** A call of a method of the object that a task's function is given: `session.run("pytest", env={…})`. */
export interface MethodCall {
  readonly method: string
  readonly positional: readonly PythonValue[]
  /** Keyword arguments that can be told. */
  readonly named: ReadonlyMap<string, PythonValue>
  /** The `env` argument's and `subject.env[…]`'s texts. */
  readonly variables: Readonly<Record<string, string>>
}

const deepest = 6
const mostCalls = 400

/** The functions and constants of a module. */
export function moduleScope(root: Node, ask: Asked = () => null): PythonScope {
  const scope = new Map<string, PythonValue>()
  for (const statement of root.namedChildren) {
    const definition = statement.type === 'decorated_definition' ? statement.childForFieldName('definition') : statement
    const name = definition?.type === 'function_definition' ? definition.childForFieldName('name')?.text : undefined
    if (definition != null && name !== undefined) scope.set(name, { kind: 'function', node: definition })
    const assignment = statement.type === 'expression_statement' ? statement.namedChild(0) : null
    if (assignment?.type === 'assignment') assign(assignment, scope, (node) => pythonValue(node, scope, ask))
  }
  return scope
}

type Asked = (node: Node, evaluate: (inner: Node | null) => PythonValue) => PythonValue | null

function assign(assignment: Node, scope: Map<string, PythonValue>, evaluate: (node: Node | null) => PythonValue): void {
  const left = assignment.childForFieldName('left')
  const value = evaluate(assignment.childForFieldName('right'))
  if (left?.type === 'identifier') scope.set(left.text, value)
}

/**
 * The method calls that a function makes on its first parameter, in order, those of the module's own functions that it hands it to included. A
 * condition that can't be told lets both of its branches count. Reads, and runs nothing.
 */
export function methodCalls(definition: Node, module: PythonScope, ask: Asked): readonly MethodCall[] {
  const calls: MethodCall[] = []
  new Walk(module, ask, calls, 0).enter(definition, [], new Map())
  return calls
}

class Walk {
  private readonly scope: Map<string, PythonValue>
  private readonly module: PythonScope
  private readonly ask: Asked
  private readonly calls: MethodCall[]
  private readonly depth: number
  private subject = ''
  private ended = false
  private variables: Record<string, string> = {}

  constructor(module: PythonScope, ask: Asked, calls: MethodCall[], depth: number) {
    this.module = module
    this.scope = new Map(module)
    this.ask = ask
    this.calls = calls
    this.depth = depth
  }

  /** Walks a function that is given the subject first (or under a name), then these values. */
  enter(definition: Node, positional: readonly PythonValue[], named: ReadonlyMap<string, PythonValue>): void {
    const parameters = (definition.childForFieldName('parameters')?.namedChildren ?? []).filter(
      ({ type }) => type !== 'comment',
    )
    this.subject = nameOf(parameters[0]) ?? ''
    for (const [index, parameter] of parameters.slice(1).entries()) {
      const name = nameOf(parameter)
      if (name === null) continue
      const own = parameter.childForFieldName('value')
      const given = named.get(name) ?? positional[index]
      this.scope.set(name, given ?? (own === null ? { kind: 'unknown' } : this.evaluate(own)))
    }
    this.block(definition.childForFieldName('body'))
  }

  private evaluate(node: Node | null): PythonValue {
    return pythonValue(node, this.scope, this.ask)
  }

  private block(block: Node | null): void {
    for (const statement of block?.namedChildren ?? []) {
      if (this.ended || this.calls.length >= mostCalls) return
      this.statement(statement)
    }
  }

  private statement(node: Node): void {
    switch (node.type) {
      case 'expression_statement':
        for (const child of node.namedChildren) this.expression(child)
        break
      case 'return_statement':
        this.expression(node.namedChild(0))
        this.ended = true
        break
      case 'if_statement':
        this.branch(node)
        break
      case 'for_statement':
        this.loop(node)
        break
      case 'with_statement':
        for (const item of node.descendantsOfType('with_item').slice(0, 4)) this.expression(item.namedChild(0))
        this.block(node.childForFieldName('body'))
        break
      case 'try_statement':
        this.block(node.childForFieldName('body'))
        break
      default:
    }
  }

  private branch(node: Node): void {
    const clauses = [node, ...node.namedChildren.filter(({ type }) => type === 'elif_clause')]
    for (const clause of clauses) {
      const truth = truthOf(this.evaluate(clause.childForFieldName('condition')))
      if (truth === false) continue
      this.maybe(clause.childForFieldName('consequence'), truth === true)
      if (truth === true) return
    }
    const otherwise = node.namedChildren.find(({ type }) => type === 'else_clause')
    this.maybe(otherwise?.childForFieldName('body') ?? null, false)
  }

  /** A block that may not run does not end what comes after it. */
  private maybe(block: Node | null, surely: boolean): void {
    this.block(block)
    if (!surely) this.ended = false
  }

  private loop(node: Node): void {
    const values = this.evaluate(node.childForFieldName('right'))
    const name = node.childForFieldName('left')
    const rounds: readonly PythonValue[] = values.kind === 'list' ? values.items.slice(0, 10) : [{ kind: 'unknown' }]
    for (const value of rounds) {
      if (name?.type === 'identifier') this.scope.set(name.text, value)
      this.maybe(node.childForFieldName('body'), false)
    }
  }

  private expression(node: Node | null): void {
    if (node === null) return
    if (node.type === 'assignment') {
      const left = node.childForFieldName('left')
      this.expression(node.childForFieldName('right'))
      if (left?.type === 'subscript') this.setVariable(left, node.childForFieldName('right'))
      else assign(node, this.scope, (inner) => this.evaluate(inner))
    } else if (node.type === 'augmented_assignment')
      this.extend(node.childForFieldName('left'), node.childForFieldName('right'))
    else if (node.type === 'call') this.call(node)
    else if (node.type === 'await' || node.type === 'attribute' || node.type === 'as_pattern')
      this.expression(node.namedChild(0))
  }

  /** `session.env["A"] = "b"`. */
  private setVariable(left: Node, right: Node | null): void {
    const key = this.evaluate(left.childForFieldName('subscript'))
    const value = this.evaluate(right)
    if (
      left.childForFieldName('value')?.text === `${this.subject}.env` &&
      key.kind === 'text' &&
      value.kind === 'text' &&
      value.known
    )
      this.variables[key.text] = value.text
  }

  private extend(left: Node | null, right: Node | null): void {
    const held = left === null ? undefined : this.scope.get(left.text)
    const added = this.evaluate(right)
    if (left === null || held?.kind !== 'list') return
    this.scope.set(left.text, { kind: 'list', items: [...held.items, ...(added.kind === 'list' ? added.items : [])] })
  }

  private call(node: Node): void {
    const callee = node.childForFieldName('function')
    const given = node.childForFieldName('arguments')?.namedChildren ?? []
    if (callee?.type === 'attribute') {
      const object = callee.childForFieldName('object')
      const method = callee.childForFieldName('attribute')?.text ?? ''
      if (object?.type === 'call') this.call(object)
      if (object?.text === this.subject || object?.text.startsWith(`${this.subject}.`) === true)
        this.record(method, given)
      else if (method === 'append' || method === 'extend') this.grow(object, method, given)
    } else if (callee?.type === 'identifier') this.descend(callee.text, given)
  }

  private grow(object: Node | null, method: string, given: readonly Node[]): void {
    const held = object === null ? undefined : this.scope.get(object.text)
    if (object === null || held?.kind !== 'list') return
    const values = itemsOf(given, (node) => this.evaluate(node))
    const added = method === 'append' ? values : values.flatMap((value) => (value.kind === 'list' ? value.items : []))
    this.scope.set(object.text, { kind: 'list', items: [...held.items, ...added] })
  }

  private record(method: string, given: readonly Node[]): void {
    const named = this.namedValues(given)
    const environment = given.find(
      (each) => each.type === 'keyword_argument' && each.childForFieldName('name')?.text === 'env',
    )
    const variables = { ...this.variables, ...this.dictionary(environment?.childForFieldName('value') ?? null) }
    this.calls.push({ method, positional: itemsOf(given, (node) => this.evaluate(node)), named, variables })
  }

  private namedValues(given: readonly Node[]): ReadonlyMap<string, PythonValue> {
    return new Map(
      given.flatMap((each) => {
        const name = each.type === 'keyword_argument' ? each.childForFieldName('name')?.text : undefined
        return name === undefined ? [] : [[name, this.evaluate(each.childForFieldName('value'))] as const]
      }),
    )
  }

  private dictionary(node: Node | null): Record<string, string> {
    if (node?.type !== 'dictionary') return {}
    return Object.fromEntries(
      node.namedChildren.flatMap((pair) => {
        const key = this.evaluate(pair.childForFieldName('key'))
        const value = this.evaluate(pair.childForFieldName('value'))
        return key.kind === 'text' && value.kind === 'text' && value.known ? [[key.text, value.text] as const] : []
      }),
    )
  }

  /** A function of the module that is handed the subject. */
  private descend(name: string, given: readonly Node[]): void {
    const target = this.module.get(name)
    const handed = given.findIndex((each) => (each.childForFieldName('value') ?? each).text === this.subject)
    if (target?.kind !== 'function' || handed === -1 || this.depth >= deepest) return
    const positional = itemsOf(
      given.filter((_, index) => index !== handed),
      (node) => this.evaluate(node),
    )
    new Walk(this.module, this.ask, this.calls, this.depth + 1).enter(target.node, positional, this.namedValues(given))
  }
}

function nameOf(parameter: Node | undefined): string | null {
  if (parameter === undefined) return null
  if (parameter.type === 'identifier') return parameter.text
  const name = parameter.childForFieldName('name') ?? parameter.namedChild(0)
  return name?.type === 'identifier' ? name.text : null
}
