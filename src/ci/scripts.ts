import { quoted } from './expand.ts'
import { splitOptions, valuesOf } from './options.ts'
import { joined } from './paths.ts'
import { splitShell } from './shell.ts'
import { commandOf, type TaskCall, type TaskPart } from './task-runner.ts'

/** Wrappers of build tools: shell scripts that stand in many repositories, and are programs of their own. */
const programs = /(?:^|\/)(?:gradlew|mvnw|sbt|sbtx|configure|bootstrap|x|just|bazelisk|pants|mill)$/
const largest = 200_000

/** `./ci/test.sh a b`, `bash scripts/test`, `source env.sh`, `bash -c "text"`: the script's own commands. */
export async function runScript(call: TaskCall): Promise<readonly TaskPart[] | null> {
  const [program = '', ...rest] = call.words
  if (program === 'eval') return textOf(call, program, rest.join(' '), [])
  if (program.includes('/')) return await fileOf(call, program, rest, false)
  const { options, rest: given } = splitOptions(rest, new Set(['-o', '+o', '-O', '--rcfile', '--init-file']))
  const [first, ...others] = given
  if (first === undefined) return null
  const isText = options.some((option) => /^-[a-z]*c$/.test(option)) && valuesOf(options, '-c').length === 0
  return isText ? textOf(call, program, first, others.slice(1)) : await fileOf(call, first, others, true)
}

function textOf(call: TaskCall, program: string, text: string, positional: readonly string[]): readonly TaskPart[] {
  const { directory } = call
  return [{ label: `${program} text`, commands: splitShell(text), directory, positional }]
}

async function fileOf(
  call: TaskCall,
  name: string,
  positional: readonly string[],
  isShell: boolean,
): Promise<readonly TaskPart[] | null> {
  // Programs are looked up by their names alone here, whatever stands first on the path.
  if (/(?:^|\/)activate$/.test(name)) return []
  const path = joined(call.directory, name)
  if (programs.test(path) || !call.tree.has(path)) return null
  const text = await call.tree.read(path)
  if (text === null || text.length > largest || text.includes('\0')) return null
  const { directory } = call
  const first = text.slice(0, Math.max(0, text.indexOf('\n')))
  if (isShell || /\.(?:sh|bash)$/.test(path) || /^#!.*\b(?:ba|da|z|k)?sh\b/.test(first))
    return [{ label: path, commands: splitShell(text), directory, positional }]
  const interpreter = /^#!.*\b(python|ruby|perl|node)[\d.]*\b/.exec(first)?.[1]
  if (interpreter === undefined) return null
  const words = [interpreter, name, ...positional]
  return [{ label: path, commands: [{ ...commandOf(words), text: words.map(quoted).join(' ') }], directory }]
}
