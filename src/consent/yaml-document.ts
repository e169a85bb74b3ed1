import { Composer, type CST, type Document, isAlias, isNode, Lexer, Parser, visit, type YAMLError } from 'yaml'
import type { SettingsProblem } from '../model/index.ts'

/** A settings file as YAML: no anchors, no directives, one document. */
export interface SettingsDocument {
  /** Without its byte order mark; offsets count from here. */
  readonly text: string
  readonly document: Document
}

/** Bytes, entries and nesting that no honest file comes near; what is beyond is not even composed. */
const mostBytes = 64 * 1024
const mostLexemes = 10_000
const deepest = 40

/** Reads the text as YAML 1.2, or says every mistake of syntax. Throws nothing, whatever the text is. */
export function readYaml(raw: string): SettingsDocument | { readonly problems: readonly SettingsProblem[] } {
  const text = raw.replace(/^\uFEFF/, '')
  if (Buffer.byteLength(raw) > mostBytes)
    return whole('The file is larger than 64 KiB.', 'Keep only the settings of Quarry in it.')
  const tokens = tokensOf(text)
  if ('problems' in tokens) return tokens
  const composer = new Composer({ version: '1.2', prettyErrors: false, uniqueKeys: true })
  const [document, second] = [...composer.compose(tokens.tokens, true, text.length)]
  if (document === undefined) return whole('The file can not be read as YAML.', 'Write it anew.')
  if (second !== undefined) {
    const at = second.range[0]
    return { problems: [at1(text, at, at, 'The file has a second document in it.', 'Take out the line "---".')] }
  }
  const problems = [...document.errors, ...document.warnings].map((error) => syntaxProblem(text, error))
  return problems.length === 0 ? withoutAliases(text, document) : { problems: problems.slice(0, 100) }
}

function whole(message: string, mend: string): { readonly problems: readonly SettingsProblem[] } {
  return { problems: [{ line: 1, column: 1, endLine: 1, path: '', message, mend }] }
}

function tokensOf(
  text: string,
): { readonly tokens: readonly CST.Token[] } | { readonly problems: readonly SettingsProblem[] } {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  let lexemes = 0
  const stop = (message: string, mend: string) => ({
    problems: [at1(text, parser.offset, parser.offset, message, mend)],
  })
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1
    if (lexemes > mostLexemes) return stop('The file has too many entries.', 'Keep only the settings of Quarry in it.')
    for (const token of parser.next(lexeme)) tokens.push(token)
    if (parser.stack.length > deepest) return stop('This is nested too deeply.', 'No setting is nested that deeply.')
  }
  for (const token of parser.end()) tokens.push(token)
  const directive = tokens.find(({ type }) => type === 'directive')
  if (directive === undefined) return { tokens }
  const { offset } = directive
  return { problems: [at1(text, offset, offset, 'Directives of YAML are not read here.', 'Take this line out.')] }
}

const mends: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'Indent with spaces.',
  DUPLICATE_KEY: 'Keep one of the two.',
  MISSING_CHAR: 'Close it, or put the whole value in quotes.',
  TAG_RESOLVE_FAILED: 'Take the tag (the word with "!") out.',
}

function syntaxProblem(text: string, { code, message, pos }: YAMLError): SettingsProblem {
  const said = code === 'DUPLICATE_KEY' ? 'This key stands here twice.' : `${message.replace(/\.$/, '')}.`
  return at1(text, pos[0], pos[1], said, mends[code] ?? 'Check the indentation and the quotes of this line.')
}

/** An alias stands for as much as its author likes, and settings have no use for one. */
function withoutAliases(
  text: string,
  document: Document,
): SettingsDocument | { readonly problems: readonly SettingsProblem[] } {
  const problems: SettingsProblem[] = []
  visit(document, (_, node) => {
    if (!isNode(node) || !(isAlias(node) || node.anchor !== undefined)) return
    const at = node.range?.[0] ?? 0
    problems.push(at1(text, at, at, 'Anchors and aliases are not read here.', 'Write the value out.'))
    return visit.SKIP
  })
  return problems.length === 0 ? { text, document } : { problems: problems.slice(0, 100) }
}

function at1(text: string, start: number, end: number, message: string, mend: string): SettingsProblem {
  return { ...placeOf(text, start, end), path: '', message, mend }
}

/** Lines and column of a span. What stands at the very end of the text is shown at its last visible character. */
export function placeOf(
  text: string,
  start: number,
  end: number,
): Pick<SettingsProblem, 'line' | 'column' | 'endLine'> {
  const last = Math.max(0, text.trimEnd().length - 1)
  const from = Math.min(start, last)
  const until = from + Math.max(0, text.slice(from, Math.max(from, end)).trimEnd().length - 1)
  const before = text.slice(0, from)
  const column = [...before.slice(before.lastIndexOf('\n') + 1)].length + 1
  return { line: linesIn(before), column, endLine: linesIn(text.slice(0, until)) }
}

function linesIn(text: string): number {
  return text.split('\n').length
}
