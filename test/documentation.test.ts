import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { createProgram } from '../src/apps/cli/program.ts'
import { settings } from '../src/config.ts'
import { flagSchema, reasonsByStage } from '../src/model/index.ts'

const root = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
/** Lines without the padding that lines a table's columns up. */
const linesOf = (path: string) =>
  read(path)
    .split('\n')
    .map((line) => line.replace(/ {2,}/g, ' '))
const documents = globSync(['*.md', 'docs/**/*.md', 'src/**/*.md'], { cwd: root })

test.each(documents)('%s: every link to a file leads somewhere', (path) => {
  const links = [...read(path).matchAll(/\]\(([^)#:\s]+)(#[^)]*)?\)/g)].map((match) => match[1] ?? '')
  expect(links.filter((link) => !existsSync(join(root, dirname(path), link)))).toEqual([])
})

test('the table in the README has every setting, as the schema describes it', () => {
  const rows = Object.entries(settings.shape).map(([name, schema]) => `| \`${name}\` | ${schema.description} |`)
  const table = linesOf('README.md')
  expect(rows.filter((row) => !table.includes(row))).toEqual([])
})

test('the contract has every command, and the command line every one of its options', () => {
  const program = createProgram(async () => undefined, '0')
  const rows = new Map(
    [...read('docs/contract.md').matchAll(/^\| `quarry (\w+)(.*)$/gm)].map((match) => [match[1], match[2] ?? '']),
  )
  expect([...rows.keys()].sort()).toEqual(program.commands.map((command) => command.name()).sort())
  for (const command of program.commands) {
    const known = [command, ...command.commands].flatMap(({ options }) => options.map((option) => option.long))
    const documented = rows.get(command.name())?.match(/--[a-z][a-z-]*/g) ?? []
    expect(known).toEqual(expect.arrayContaining([...documented, '--json']))
    expect(command.summary()).not.toBe('')
  }
})

test('the contract has every reason for a refusal, and every flag', () => {
  const contract = linesOf('docs/contract.md')
  for (const [stage, reasons] of Object.entries(reasonsByStage)) {
    const row = contract.find((line) => line.startsWith(`| ${stage} | \``)) ?? ''
    expect([stage, row.match(/(?<=`)[a-z-]+(?=`)/g)]).toEqual([stage, reasons])
  }
  for (const flag of flagSchema.options) expect(contract.join('\n')).toContain(`\`${flag}\``)
})
