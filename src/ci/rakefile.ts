/** A task as far as its file says it in plain words. */
export interface RakeTask {
  /** With its namespaces: `test:unit`. */
  readonly name: string
  readonly file: string
  readonly needs: readonly string[]
  /** The commands that it starts, as shell text. */
  readonly starts: readonly string[]
}

/** A statement with its block: the lines below it that are indented deeper. */
interface Statement {
  readonly indent: number
  readonly text: string
  readonly block: readonly string[]
}

/** Reads a Rakefile's tasks, as far as they stand there in plain words: computed names and files say nothing. Nothing is evaluated. */
export function parseRakefile(text: string, file: string): readonly RakeTask[] {
  const lines = text
    .replaceAll('\r\n', '\n')
    .replaceAll(/,[ \t]*\n[ \t]*/g, ', ')
    .split('\n')
    .slice(0, 5000)
  return tasksOf(lines, '', file)
}

function tasksOf(lines: readonly string[], namespace: string, file: string): readonly RakeTask[] {
  return statements(lines).flatMap((statement): readonly RakeTask[] => {
    const inner = /^namespace[ (]+["':]?:?["']?(\w+)/.exec(statement.text)?.[1]
    if (inner !== undefined) return tasksOf(statement.block, `${namespace}${inner}:`, file)
    const task = taskOf(statement)
    if (task !== null) return [{ ...task, name: namespace + task.name, file }]
    return /^(?:begin|if|unless|else|elsif|rescue)\b/.test(statement.text)
      ? tasksOf(statement.block, namespace, file)
      : []
  })
}

function statements(lines: readonly string[]): readonly Statement[] {
  const found: Statement[] = []
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    const text = line.trim()
    if (text === '' || text.startsWith('#') || text === 'end' || text === '}') continue
    const indent = line.length - line.trimStart().length
    let end = at + 1
    while (end < lines.length && isInside(lines[end] ?? '', indent)) end += 1
    found.push({ indent, text, block: lines.slice(at + 1, end) })
    at = end - 1
  }
  return found
}

function isInside(line: string, indent: number): boolean {
  return line.trim() === '' || line.length - line.trimStart().length > indent
}

type Task = Pick<RakeTask, 'name' | 'needs' | 'starts'>

function taskOf({ text, block }: Statement): Task | null {
  const runner = /^(?:::)?(Rake::TestTask|Minitest::TestTask|RSpec::Core::RakeTask)\.(?:new|create)\b[ (]*(.*)$/.exec(
    text,
  )
  const inline = /(?:\{|\bdo\b)\s*(?:\|\w+\|)?(.*?)(?:\}|\bend\b)?$/.exec(text)?.[1] ?? ''
  const body = [inline, ...block]
  if (runner !== null) {
    const isSpec = runner[1] === 'RSpec::Core::RakeTask'
    const { name, needs } = signature(runner[2] ?? '', isSpec ? 'spec' : 'test')
    return { name, needs, starts: [isSpec ? specCommand(body) : testCommand(body, runner[1] === 'Minitest::TestTask')] }
  }
  const plain = /^(?:multi)?task\b[ (]*(.*)$/.exec(text)?.[1]
  if (plain === undefined) return null
  const { name, needs } = signature(plain, '')
  return name === '' ? null : { name, needs: [...needs, ...body.flatMap(invokedBy)], starts: body.flatMap(startedBy) }
}

/** `:test`, `"test"`, `test: :compile`, `:test => [:a, "b"]`, `default: %w[a b]`, `:test, [:name] => :a`. */
function signature(text: string, otherwise: string): { readonly name: string; readonly needs: readonly string[] } {
  const own = text.split(/\bdo\b|\{/, 1)[0] ?? ''
  const name = /^(?::?["']([\w:-]+)["']|:?([\w-]+)(?::(?!:))?)/.exec(own)
  const rest = name === null ? '' : own.slice(name[0].length)
  const isHash = (name?.[0] ?? '').endsWith(':') || rest.includes('=>') || /^["']?:/.test(rest)
  const needs = isHash ? listed(rest.slice(rest.includes('=>') ? rest.lastIndexOf('=>') + 2 : 0)) : []
  return { name: name?.[1] ?? name?.[2] ?? otherwise, needs }
}

/** Names and texts of a list: `[:a, "b"]`, `%w[a b]`, `:a`. What is computed is left out. */
function listed(text: string): readonly string[] {
  const words = [...text.matchAll(/%[wiWI][[({"]([^\])}"]*)[\])}"]/g)].flatMap((match) => (match[1] ?? '').split(/\s+/))
  const rest = text.replaceAll(/%[wiWI][[({"][^\])}"]*[\])}"]/g, '')
  const texts = [...rest.matchAll(/:([\w]+)\b|"([^"#]*)"|'([^']*)'/g)].map((match) => match[1] ?? match[2] ?? match[3])
  return [...words, ...texts].filter((word): word is string => word !== undefined && word !== '')
}

/** No word of these is the shell's to expand. */
function shellText(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ')
}

/** What `t.<name>` is set to, or has added, line by line. */
function settingsOf(body: readonly string[], name: string): readonly string[] {
  const setting = new RegExp(
    `\\b\\w+\\.${name}(?:\\s*(?:=|<<|\\+=|\\|\\|=)|\\.(?:push|concat|unshift|append))\\s*(.*)$`,
  )
  return body.flatMap((line) => setting.exec(line)?.[1] ?? [])
}

function testCommand(body: readonly string[], isMinitest: boolean): string {
  const libs = settingsOf(body, 'libs').flatMap(listed)
  const files = ['pattern', 'test_files', 'test_globs'].flatMap((name) => settingsOf(body, name).flatMap(globs))
  const usual = isMinitest
    ? ['test/**/test_*.rb', 'test/**/*_test.rb', 'spec/**/*_spec.rb']
    : ['test/test*.rb', 'test/**/*_test.rb']
  const required = settingsOf(body, 'ruby_opts')
    .flatMap(listed)
    .filter((option) => /^-[rI]/.test(option))
  const folders = [...new Set(['lib', ...(isMinitest ? ['test'] : []), ...libs])].map((folder) => `-I${folder}`)
  const isQuiet = settingsOf(body, 'warning').some((value) => /^(?:false|nil)\b/.test(value))
  const warning = isQuiet ? [] : ['-w']
  return shellText(['ruby', ...warning, ...folders, ...required, ...(files.length === 0 ? usual : files)])
}

/** Globs of a file list; those taken away again (`- FileList[…]`, `.exclude(…)`) with `!` before. */
function globs(text: string): readonly string[] {
  const cut = text.search(/\.exclude\b|\s-\s|\.reject\b/)
  const [taken, left] = cut === -1 ? [text, ''] : [text.slice(0, cut), text.slice(cut)]
  return [...listed(taken), ...listed(left).map((glob) => `!${glob}`)].filter((glob) => /[./*]/.test(glob))
}

function specCommand(body: readonly string[]): string {
  const patterns = settingsOf(body, 'pattern').flatMap(listed)
  const excluded = settingsOf(body, 'exclude_pattern').flatMap(listed)
  const options = settingsOf(body, 'rspec_opts')
    .flatMap(listed)
    .flatMap((text) => text.split(/\s+/))
  const given = [
    ...(patterns.length === 0 ? [] : ['--pattern', patterns.join(',')]),
    ...(excluded.length === 0 ? [] : ['--exclude-pattern', excluded.join(',')]),
  ]
  return shellText(['rspec', ...given, ...options])
}

/** `Rake::Task['unit'].invoke` */
function invokedBy(line: string): readonly string[] {
  const name = /\bRake::Task\[[:"']+([\w:-]+)["']?\]\.(?:invoke|execute)\b/.exec(line)?.[1]
  return name === undefined ? [] : [name]
}

/** `sh "…"`, `system('…')`, `ruby "…"` with a plain text. */
function startedBy(line: string): readonly string[] {
  const call = /^\s*(sh|system|ruby|exec)[ (]+(?:"([^"]*)"|'([^']*)'|%[{(]([^})]*)[})])/.exec(line)
  const text = call?.[2] ?? call?.[3] ?? call?.[4]
  if (call === null || text === undefined) return []
  const plain = text
    .replaceAll(/#\{(?:FileUtils::RUBY|RUBY|Gem\.ruby|RbConfig\.ruby)\}/g, 'ruby')
    .replaceAll(/#\{[^}]*\}/g, '')
  return [call[1] === 'ruby' ? `ruby ${plain}` : plain]
}
