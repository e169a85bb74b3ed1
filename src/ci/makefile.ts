import { joined } from './paths.ts'

/** A target with what it needs and does; substitutions are done when it is run. */
export interface Rule {
  readonly prerequisites: string
  readonly recipe: readonly string[]
}

export interface Makefile {
  readonly variables: ReadonlyMap<string, string>
  /** Those that `export` hands to the commands. */
  readonly exported: ReadonlySet<string>
  readonly rules: ReadonlyMap<string, Rule>
  /** Variables of one target alone: `test: export A = 1`. */
  readonly targetVariables: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** What `make` alone makes. */
  readonly goal: string | null
  readonly includes: readonly string[]
}

interface Reading {
  readonly variables: Map<string, string>
  readonly exported: Set<string>
  readonly rules: Map<string, { prerequisites: string; recipe: string[] }>
  readonly targetVariables: Map<string, Map<string, string>>
  readonly includes: string[]
  /** Targets that the recipe's lines belong to. */
  current: readonly string[]
  goal: string | null
  /** One for each open `if`: whether its lines count. */
  readonly conditions: boolean[]
  inDefine: boolean
}

const mostLines = 20_000

/** Reads a makefile as far as variables, plain rules and simple conditions go. `given` are variables of the command line and the environment. */
export function parseMakefile(text: string, given: Readonly<Record<string, string>>): Makefile {
  const reading: Reading = {
    ...{ variables: new Map(Object.entries(given)), exported: new Set<string>(), rules: new Map() },
    ...{ targetVariables: new Map(), includes: [], current: [], goal: null, conditions: [], inDefine: false },
  }
  for (const line of logicalLines(text).slice(0, mostLines)) readLine(reading, line, given)
  const goal = reading.variables.get('.DEFAULT_GOAL') ?? reading.goal
  return { ...reading, goal }
}

/** Lines with those that end in a backslash put together. */
function logicalLines(text: string): readonly string[] {
  return text
    .replaceAll(/\r\n/g, '\n')
    .replaceAll(/[ \t]*\\\n[ \t]*/g, ' ')
    .split('\n')
}

function readLine(reading: Reading, line: string, given: Readonly<Record<string, string>>): void {
  if (reading.inDefine || /^\s*define\b/.test(line)) {
    reading.inDefine = !/^\s*endef\b/.test(line)
    return
  }
  if (isCondition(reading, line.trim()) || reading.conditions.includes(false)) return
  if (line.startsWith('\t')) {
    for (const target of reading.current) reading.rules.get(target)?.recipe.push(line.trim())
    return
  }
  const plain = line.replace(/(?<!\\)#.*$/, '').trim()
  if (plain === '') return
  const include = /^[-s]?include\s+(.+)$/.exec(plain)?.[1]
  if (include !== undefined) reading.includes.push(...substitute(include, reading.variables).split(/\s+/))
  else if (!isAssignment(reading, plain, given)) readRule(reading, plain)
}

/** `ifeq (a,b)`, `ifdef X`, `else`, `endif`: judged by what is known, as make would. */
function isCondition(reading: Reading, line: string): boolean {
  const { conditions, variables } = reading
  const known = /^(ifeq|ifneq|ifdef|ifndef)\b\s*(.*)$/.exec(line)
  if (known !== null) conditions.push(holds(known[1] ?? '', known[2] ?? '', variables))
  else if (/^endif\b/.test(line)) conditions.pop()
  else if (/^else\b/.test(line)) {
    const again = /^else\s+(ifeq|ifneq|ifdef|ifndef)\b\s*(.*)$/.exec(line)
    const before = conditions.pop() ?? true
    conditions.push(!before && (again === null || holds(again[1] ?? '', again[2] ?? '', variables)))
  } else return false
  return true
}

function holds(kind: string, rest: string, variables: ReadonlyMap<string, string>): boolean {
  if (kind === 'ifdef' || kind === 'ifndef') return ((variables.get(rest.trim()) ?? '') !== '') === (kind === 'ifdef')
  const sides = /^\((.*),(.*)\)\s*$/.exec(rest) ?? /^["'](.*)["']\s+["'](.*)["']\s*$/.exec(rest)
  const [left, right] = [sides?.[1] ?? '', sides?.[2] ?? ''].map((side) => substitute(side.trim(), variables))
  return (left === right) === (kind === 'ifeq')
}

function isAssignment(reading: Reading, line: string, given: Readonly<Record<string, string>>): boolean {
  const found = /^(export\s+|override\s+)*([\w.-]+)\s*(\?|\+|:{1,3}|!)?=\s*(.*)$/.exec(line)
  if (found === null)
    return /^(?:export|unexport|\.PHONY|vpath)\b/.test(line) && !line.includes(':') ? exports(reading, line) : false
  const [, prefix, name = '', sign, value = ''] = found
  if (prefix?.includes('export') === true) reading.exported.add(name)
  if (Object.hasOwn(given, name)) return true
  setVariable(reading.variables, name, sign, value)
  return true
}

function exports(reading: Reading, line: string): boolean {
  if (line.startsWith('export')) for (const name of line.split(/\s+/).slice(1)) reading.exported.add(name)
  return true
}

function setVariable(variables: Map<string, string>, name: string, sign: string | undefined, value: string): void {
  if (sign === '?' && variables.has(name)) return
  const before = sign === '+' ? `${variables.get(name) ?? ''} ` : ''
  const text =
    sign?.startsWith(':') === true ? substitute(value, variables) : sign === '!' ? `$(shell ${value})` : value
  variables.set(name, `${before}${text}`.trim().slice(0, 5000))
}

function readRule(reading: Reading, line: string): void {
  const found = /^([^=]*?[^:=\s])\s*::?(?![:=])\s*(.*)$/.exec(substitute(line, reading.variables))
  if (found === null) return
  const [, names = '', after = ''] = found
  const targets = names.split(/\s+/).filter((name) => !name.startsWith('.') || name.includes('/'))
  const own = /^(?:export\s+|private\s+|override\s+)*([\w.-]+)\s*(\?|\+|:{1,2})?=\s*(.*)$/.exec(after)
  if (own !== null) {
    for (const target of targets) {
      const held = reading.targetVariables.get(target) ?? new Map<string, string>()
      reading.targetVariables.set(target, held)
      setVariable(held, own[1] ?? '', own[2], own[3] ?? '')
    }
    return
  }
  const [needs = '', ...first] = after.split(';')
  for (const target of targets) {
    const rule = reading.rules.get(target) ?? { prerequisites: '', recipe: [] }
    rule.prerequisites += ` ${needs.replaceAll('|', ' ')}`
    if (first.length > 0) rule.recipe.push(first.join(';').trim())
    reading.rules.set(target, rule)
  }
  reading.current = targets
  reading.goal ??= targets.find((target) => !target.includes('%')) ?? null
}

/** Puts variables in (`$(X)`, `${X}`, `$X`); `$(shell x)` becomes the shell's own `$(x)`, other functions stay as they are. */
export function substitute(text: string, variables: ReadonlyMap<string, string>, depth = 0): string {
  if (depth > 8 || !text.includes('$')) return text
  let result = ''
  for (let at = 0; at < text.length && result.length < 20_000; ) {
    if (text[at] !== '$') result += text[at++] ?? ''
    else if (text[at + 1] === '$') {
      result += '$$'
      at += 2
    } else {
      const end = referenceEnd(text, at)
      result += valueIn(text.slice(at, end), variables, depth)
      at = end
    }
  }
  return result
}

function referenceEnd(text: string, at: number): number {
  const open = text[at + 1] ?? ''
  if (open !== '(' && open !== '{') return Math.min(text.length, at + 2)
  const close = open === '(' ? ')' : '}'
  let depth = 0
  for (let index = at + 1; index < text.length; index += 1) {
    if (text[index] === open) depth += 1
    if (text[index] === close) depth -= 1
    if (depth === 0) return index + 1
  }
  return text.length
}

function valueIn(reference: string, variables: ReadonlyMap<string, string>, depth: number): string {
  const inner = /^\$[({](.*)[)}]$/s.exec(reference)?.[1] ?? reference.slice(1)
  const shell = /^shell\s+(.*)$/s.exec(inner)?.[1]
  if (shell !== undefined) return `$$(${substitute(shell, variables, depth + 1)})`
  if (inner === 'MAKE') return 'make'
  if (inner === 'CURDIR') return '.'
  const replaced = /^([\w.-]+):([^=]*)=(.*)$/.exec(inner)
  const name = replaced?.[1] ?? inner
  if (/[\s,$]/.test(name)) return reference.replaceAll('$', '$$$$')
  return substitute(variables.get(name) ?? '', variables, depth + 1)
}

/** Which file make reads in a directory, in its own order. */
export function makefileIn(
  has: (path: string) => boolean,
  directory: string,
  named: string | undefined,
): string | null {
  const names = named === undefined ? ['GNUmakefile', 'makefile', 'Makefile'] : [named]
  return names.map((name) => joined(directory, name)).find(has) ?? null
}
