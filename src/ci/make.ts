import { type Makefile, makefileIn, parseMakefile, substitute } from './makefile.ts'
import { splitOptions, valuesOf } from './options.ts'
import { joined } from './paths.ts'
import { splitShell } from './shell.ts'
import type { TaskCall, TaskPart } from './task-runner.ts'

const valued = new Set(['-C', '--directory', '-f', '--file', '--makefile', '-I', '-o', '-W', '-l'])
const mostTargets = 200

/** `make -C dir test A=1`: each target's prerequisites, then its recipe, every line in a shell of its own. */
export async function runMake(call: TaskCall): Promise<readonly TaskPart[] | null> {
  const options: string[] = []
  const targets: string[] = []
  const given: Record<string, string> = {}
  for (let rest = call.words.slice(1); rest.length > 0; ) {
    const cut = splitOptions(rest, valued)
    options.push(...cut.options)
    const [word, ...others] = cut.rest
    const assignment = /^(\w+)[:?]?=(.*)$/s.exec(word ?? '')
    if (assignment?.[1] !== undefined) given[assignment[1]] = assignment[2] ?? ''
    else if (word !== undefined && !/^\d+$/.test(word)) targets.push(word)
    rest = others
  }
  const directory = valuesOf(options, '-C', '--directory').reduce(joined, call.directory)
  const path = makefileIn((each) => call.tree.has(each), directory, valuesOf(options, '-f', '--file', '--makefile')[0])
  const makefile = path === null ? null : await read(call, path, directory, given)
  if (path === null || makefile === null) return null
  const goals = targets.length === 0 && makefile.goal !== null ? [makefile.goal] : targets
  const made = new Set<string>()
  const parts = goals.flatMap((goal) => partsFor({ makefile, path, directory, given, made }, goal))
  return goals.some((goal) => makefile.rules.has(goal)) ? parts : null
}

/** A makefile with what it includes laid together. */
async function read(
  call: TaskCall,
  path: string,
  directory: string,
  given: Readonly<Record<string, string>>,
): Promise<Makefile | null> {
  const text = await call.tree.read(path)
  if (text === null) return null
  const known = { ...call.variables, ...given }
  const first = parseMakefile(text, known)
  const included: string[] = []
  for (const name of first.includes.slice(0, 20)) {
    const inner = await call.tree.read(joined(directory, name))
    if (inner !== null) included.push(inner)
  }
  return included.length === 0 ? first : parseMakefile([text, ...included].join('\n'), known)
}

interface Making {
  readonly makefile: Makefile
  readonly path: string
  readonly directory: string
  readonly given: Readonly<Record<string, string>>
  readonly made: Set<string>
}

function partsFor(making: Making, target: string): readonly TaskPart[] {
  const { makefile, path, directory, given, made } = making
  const rule = makefile.rules.get(target)
  if (rule === undefined || made.has(target) || made.size >= mostTargets) return []
  made.add(target)
  const own = makefile.targetVariables.get(target) ?? new Map<string, string>()
  const needs = rule.prerequisites.split(/\s+/).filter((name) => name !== '')
  const automatic = [
    ['@', target],
    ['<', needs[0] ?? ''],
    ['^', needs.join(' ')],
  ] as const
  const variables = new Map([...makefile.variables, ...own, ...automatic])
  const handed = Object.fromEntries(
    [...makefile.exported, ...own.keys()].map(
      (name) => [name, substitute(variables.get(name) ?? '', variables)] as const,
    ),
  )
  const recipe = rule.recipe.map((line) => ({
    label: `${path} ${target}`,
    commands: splitShell(substitute(line.replace(/^[@+\s-]+/, ''), variables).replaceAll('$$', '$')),
    directory,
    variables: { ...handed, ...given },
  }))
  return [...needs.flatMap((need) => partsFor(making, need)), ...recipe]
}
