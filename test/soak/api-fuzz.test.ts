import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { type Served, serveSample } from '../end-to-end/served.ts'
import { findPython, pythonEnvironment, withoutPython } from '../python.ts'
import { tell } from '../tell.ts'

/** SOAK_SEED repeats a run, SOAK_EXAMPLES makes it shorter or longer: requests made up for each operation, beside those at the edges of each parameter. */
const seed = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 2 ** 31))
const examples = Number(process.env.SOAK_EXAMPLES ?? 100)

let python: string | null
let served: Served
let folder: string
let program: string
let configuration: string

beforeAll(async () => {
  python = await findPython('3.10')
  if (python === null) return
  program = join(await pythonEnvironment(python, join(import.meta.dirname, 'schemathesis.txt')), 'st')
  folder = mkdtempSync(join(tmpdir(), 'quarry-fuzz-'))
  const unlimited = { QUARRY_RATE_LIMIT: '100000000', QUARRY_RATE_LIMIT_FREQUENT: '100000000' }
  served = await serveSample([2, 4, 6, 31], unlimited)
  configuration = configurationWith(await realNames())
}, 1_200_000)

afterAll(async () => {
  await served?.close()
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
})

async function ask<T extends z.ZodType>(answer: T, path: string, body?: object): Promise<z.output<T>> {
  const headers = { authorization: `Bearer ${served.token}`, 'content-type': 'application/json' }
  const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
  return answer.parse(await (await fetch(`${served.url}${path}`, { headers, ...sent })).json())
}

type Names = Readonly<Record<'task' | 'grade' | 'lease', readonly string[]>>

/** Names that there is something of: those that are made up would be answered with 404 all alone. */
async function realNames(): Promise<Names> {
  const { tasks } = await ask(z.object({ tasks: z.array(z.object({ task: z.string() })) }), '/v1/tasks')
  const names = tasks.map(({ task }) => task)
  const [task = ''] = names
  const { fix_patch: fix } = await ask(z.object({ fix_patch: z.string() }), `/v1/tasks/${task}/solution`)
  const order = { grades: ['', fix, 'no patch at all'].map((patch) => ({ task, patch })) }
  const { grades } = await ask(z.object({ grades: z.array(z.object({ grade: z.string() })) }), '/v1/grades', order)
  for (const { grade } of grades) await ask(z.object({ state: z.literal('done') }), `/v1/grades/${grade}?wait=60`)
  const lease = (consumer: string) => ask(z.object({ lease: z.string() }), '/v1/leases', { consumer, count: 2 })
  const leases = await Promise.all(['one', 'two', 'three'].map(lease))
  return {
    task: [...names, ...names.map((name) => `${name}@1`)],
    grade: grades.map(({ grade }) => grade),
    lease: leases.map((each) => each.lease),
  }
}

/** Where a request holds such a name. */
const places: Readonly<Record<string, keyof Names>> = {
  'path.task': 'task',
  'path.grade': 'grade',
  'path.lease': 'lease',
  'body.task': 'task',
  'body.grades[*].task': 'task',
  'body.outcomes[*].task': 'task',
}

/** schemathesis.toml with dictionaries of the names, from which most are taken. */
function configurationWith(names: Names): string {
  const dictionaries = Object.entries(names).map(
    ([name, values]) => `[dictionaries.${name}]\nvalues = ${JSON.stringify(values)}`,
  )
  const bound = Object.entries(places).map(
    ([place, name]) => `"${place}" = { dictionary = "${name}", probability = 0.9 }`,
  )
  const kept = readFileSync(join(import.meta.dirname, 'schemathesis.toml'), 'utf8')
  const path = join(folder, 'schemathesis.toml')
  writeFileSync(path, [kept, ...dictionaries, '[parameters]', ...bound, ''].join('\n'))
  return path
}

/** A list may be of 10,000 names: made up anew for every request, that is all that a run would do. */
const withShortLists = (document: string) => document.replaceAll('"maxItems":10000', '"maxItems":10')

const excluding = /^(cursor|as_of|ended_since|grade)$|_(max|before)$/
const excludingParameter = z.object({ in: z.literal('query'), name: z.string().regex(excluding) })
const properties = z.record(z.string(), z.unknown())

/** Without what makes most made-up requests wrong in a way that no schema tells: cursors, and what may not go together. */
function withoutExclusions(document: string): string {
  return JSON.stringify(JSON.parse(withShortLists(document)), (_key, part) => {
    if (Array.isArray(part)) return part.filter((each) => !excludingParameter.safeParse(each).success)
    const known = properties.safeParse(part?.properties)
    if (!known.success) return part
    const isLeftOut = (name: string) => excluding.test(name) && !(part.required ?? []).includes(name)
    return { ...part, properties: Object.fromEntries(Object.entries(known.data).filter(([name]) => !isLeftOut(name))) }
  })
}

/** What the document allows, with what may not go together and without it; and what it does not allow. */
const runs = [
  ['allowed', 'positive', withShortLists],
  ['allowed, and goes together', 'positive', withoutExclusions],
  ['not allowed', 'negative', (document: string) => document],
] as const

test.for(runs)(
  'whatever a client makes up that is %s, the API answers as its document says, and never with a fault of its own',
  {
    timeout: 3_600_000,
  },
  async ([name, mode, change], { skip }) => {
    if (python === null) return skip(withoutPython('3.10'))
    const document = join(folder, `${mode}.json`)
    writeFileSync(document, change(await (await fetch(`${served.url}/openapi.json`)).text()))
    const argv = [
      ...['--config-file', configuration, 'run', document, '--url', served.url],
      ...['--header', `Authorization: Bearer ${served.token}`, '--mode', mode],
      ...['--max-examples', String(examples), '--seed', String(seed), '--no-color'],
    ]
    const { exitCode, all } = await execa(program, argv, { cwd: folder, reject: false, all: true })
    tell(`${name}, seed ${seed}, ${examples} examples an operation:\n${all}`)
    expect(exitCode).toBe(0)
  },
)
