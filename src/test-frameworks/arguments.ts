/** How a program's options are to be read: which take a value as the next argument, and which are not ours to keep. */
export interface OptionRules {
  /** Options that take the next argument as their value, by every spelling (`--require`, `-r`). */
  readonly valued: readonly string[]
  /** Options left out together with their values: reporters, output, coverage, watching, stopping early. */
  readonly dropped: readonly string[]
}

export interface ParsedArguments {
  /** Options kept, each with its value where it has one, in order. */
  readonly options: readonly (readonly string[])[]
  /** What is no option: files, folders, globs. */
  readonly positionals: readonly string[]
}

/** `--noCoverage` and `--no-coverage`, `--outputFile.junit=x` and `--output-file` are one option each to most parsers. */
function optionName(argument: string): string {
  const name = argument.split('=', 1)[0] ?? argument
  if (!name.startsWith('--')) return name
  const plain = name.slice(2).replace(/^no-/, '').split('.', 1)[0] ?? ''
  return `--${plain.replaceAll('-', '').toLowerCase()}`
}

function takesNext(argument: string, next: string | undefined, valued: ReadonlySet<string>): boolean {
  return (
    next !== undefined && !argument.includes('=') && !argument.startsWith('--no-') && valued.has(optionName(argument))
  )
}

/** Splits arguments into the options to keep and the positionals; `--` ends nothing, as scripts pass it through. */
export function parseArguments(given: readonly string[], rules: OptionRules): ParsedArguments {
  const valued = new Set(rules.valued.map(optionName))
  const dropped = new Set(rules.dropped.map(optionName))
  const options: string[][] = []
  const positionals: string[] = []
  for (let index = 0; index < given.length; index += 1) {
    const argument = given[index] ?? ''
    if (argument === '--') continue
    if (!argument.startsWith('-') || argument === '-') {
      positionals.push(argument)
      continue
    }
    const next = given[index + 1]
    const option = takesNext(argument, next, valued) && next !== undefined ? [argument, next] : [argument]
    index += option.length - 1
    if (!dropped.has(optionName(argument))) options.push(option)
  }
  return { options, positionals }
}

/** The values of one option, by any of its spellings. */
export function optionValues(parsed: ParsedArguments, ...spellings: readonly string[]): readonly string[] {
  const names = new Set(spellings.map(optionName))
  return parsed.options.flatMap((option) => {
    const [argument = '', next] = option
    if (!names.has(optionName(argument))) return []
    const inline = argument.includes('=') ? argument.slice(argument.indexOf('=') + 1) : undefined
    const value = inline ?? next
    return value === undefined ? [] : value.split(',')
  })
}
