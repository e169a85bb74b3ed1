import { parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { beforeAll, describe, expect, test } from 'vitest'
import { type ExportFile, type ExportSources, formatNamed } from '../../src/export/index.ts'
import type { FullTask } from '../../src/query/tasks.ts'
import { each, exportScene, manyOf } from './scene.ts'

let task: FullTask
let sources: ExportSources
beforeAll(async () => {
  const scene = await exportScene()
  task = scene.task
  sources = scene.sources
})

function lineOf(name: string, one: FullTask = task) {
  const format = formatNamed(name)
  if (format?.makes !== 'lines') throw new Error(`${name} makes no lines`)
  return JSON.parse(JSON.stringify(format.line(one)))
}

async function filesOf(name: string, tasks: readonly FullTask[] = [task]): Promise<Map<string, ExportFile>> {
  const format = formatNamed(name)
  if (format?.makes !== 'folder') throw new Error(`${name} makes no folder`)
  const files = new Map<string, ExportFile>()
  for await (const file of format.files(each(tasks), sources)) files.set(file.path, file)
  return files
}

test('swebench: its keys in the order of SWE-bench, its lists as JSON in strings', () => {
  const { install_config: install, meta, eval_script: script, ...instance } = lineOf('swebench')
  expect(Object.entries(instance)).toEqual([
    ['repo', 'acme/shop'],
    ['instance_id', 'acme__shop-7'],
    ['base_commit', 'b'.repeat(40)],
    ['patch', 'fix\n'],
    ['test_patch', 'tests\n'],
    ['problem_statement', 'It breaks'],
    ['hints_text', 'look here'],
    ['created_at', '2024-05-01T00:00:00.000Z'],
    ['version', 'v1.2.0'],
    ['FAIL_TO_PASS', '["test/a.js > mends"]'],
    ['PASS_TO_PASS', '["test/a.js > holds","test/a.js > stays"]'],
    ['environment_setup_commit', 'b'.repeat(40)],
    ['language', 'javascript'],
    ['docker_image', null],
    ['image', ''],
    ['eval_type', 'pass_and_fail'],
    ['log_parser', 'quarry'],
  ])
  expect(install).toMatchObject({ install: ['npm ci'], build: ['npm run build'], test_cmd: ['mocha test'] })
  expect(meta).toMatchObject({ revision: 1, sequence: 1, pull: 7, content_hash: 'sha256:acme__shop-7@1' })
  expect(script).toContain('(cd /testbed && npm run build)\n(cd /testbed && npx --no-install mocha test)\n')
})

test('a patch that is no text stands beside it byte for byte', () => {
  const fixPatch = Buffer.from([0x2b, 0xe9, 0x0a])
  const latin = { ...task, snapshot: { ...task.snapshot, fixPatch } }
  expect(Buffer.from(lineOf('swebench', latin).meta.patch_base64, 'base64')).toEqual(fixPatch)
  expect(Buffer.from(lineOf('jsonl', latin).fix_patch_base64, 'base64')).toEqual(fixPatch)
  expect(lineOf('swebench').meta).not.toHaveProperty('patch_base64')
})

test('multi-swe-bench: tests by what they were before the fix, counted as its reader counts them', () => {
  const failToPass = ['a', 'b', 'c', '__proto__']
  const beforeStatuses = Object.fromEntries([
    ['a', 'errored'],
    ['b', 'skipped'],
    ['c', 'missing'],
    ['__proto__', 'failed'],
  ])
  const line = lineOf('multi-swe-bench', { ...task, failToPass, beforeStatuses })
  expect(line).toMatchObject({ org: 'acme', repo: 'shop', number: 7, base: { sha: 'b'.repeat(40) }, lang: 'js' })
  expect([line.f2p_tests, line.s2p_tests, line.n2p_tests].map(Object.keys)).toEqual([['a', '__proto__'], ['b'], ['c']])
  expect(line.f2p_tests.a).toEqual({ run: 'NONE', test: 'FAIL', fix: 'PASS' })
  expect(line.fix_patch_result).toMatchObject({ passed_count: 6, failed_count: 0, skipped_count: 0 })
  expect(line.test_patch_result).toMatchObject({ passed_count: 2, failed_count: 2, skipped_count: 1 })
})

test('nemo-gym: the instance whole, as JSON in a string', () => {
  const { responses_create_params: params, agent_ref: agent } = lineOf('nemo-gym')
  expect(params.input).toEqual([])
  expect(params.metadata).toMatchObject({ instance_id: 'acme__shop-7', golden_patch: 'fix\n', split: 'train' })
  expect(JSON.parse(params.metadata.instance_dict)).toMatchObject({ FAIL_TO_PASS: '["test/a.js > mends"]' })
  expect(Object.values(params.metadata).every((value) => typeof value === 'string')).toBe(true)
  expect(agent).toEqual({ type: 'responses_api_agents', name: 'swe_agents' })
})

describe('parquet', () => {
  test('SWE-bench’s columns, with lists that are lists', async () => {
    const files = await filesOf('parquet', manyOf({ ...task, passToPass: [] }, 3))
    expect([...files.keys()]).toEqual(['data/train-00000.parquet', 'README.md'])
    const content = files.get('data/train-00000.parquet')?.content
    if (!Buffer.isBuffer(content)) throw new Error('no bytes')
    const file = new Uint8Array(content).buffer
    const rows = await parquetReadObjects({ file, compressors })
    expect(rows).toHaveLength(3)
    expect(rows[1]).toMatchObject({
      instance_id: 'acme__shop-71',
      FAIL_TO_PASS: ['test/a.js > mends'],
      PASS_TO_PASS: [],
    })
  })

  test('a card that names the split’s files', async () => {
    const card = (await filesOf('parquet')).get('README.md')?.content.toString() ?? ''
    expect(card).toMatch(
      /^---\n[\s\S]*configs:\n- config_name: default\n {2}data_files:\n {2}- split: train\n {4}path: data\/train-\*/,
    )
    expect(card).toContain('1 coding tasks made of merged pull requests in javascript.')
  })
})

describe('harbor', () => {
  const text = (files: Map<string, ExportFile>, path: string) =>
    files.get(`acme__shop-7/${path}`)?.content.toString() ?? ''

  test('a folder with all that Harbor looks for; the scripts can be run', async () => {
    const files = await filesOf('harbor')
    expect([...files.keys()].map((path) => path.replace('acme__shop-7/', ''))).toEqual([
      'task.toml',
      'instruction.md',
      'environment/Dockerfile',
      'environment/quarry/install.mjs',
      'environment/quarry/install.json',
      'environment/quarry/snapshot.pack',
      'solution/fix.patch',
      'solution/solve.sh',
      'tests/test.sh',
      'tests/quarry/verifier.mjs',
      'tests/quarry/reporters/report.cjs',
      'tests/quarry/task.json',
      'tests/quarry/states.pack',
    ])
    expect([...files.values()].filter(({ mode }) => mode === 0o755).map(({ path }) => path)).toEqual([
      'acme__shop-7/solution/solve.sh',
      'acme__shop-7/tests/test.sh',
    ])
  })

  test('the toolchain exactly, the recorded commands, and none of the deprecated keys', async () => {
    const strategy = {
      ...task.strategy,
      toolchain: { node: '20.18.0', yarn: '4.1.0' },
      asOf: '2024-05-01T00:00:00.000Z',
    }
    const files = await filesOf('harbor', [{ ...task, strategy }])
    const dockerfile = text(files, 'environment/Dockerfile')
    expect(dockerfile).toContain('FROM node:20.18.0 AS tool-node')
    expect(dockerfile).toContain('@yarnpkg/cli-dist@4.1.0')
    expect(dockerfile).toContain('#   npm ci   (in .)')
    const toml = text(files, 'task.toml')
    expect(toml).toContain('name = "acme/shop-7"')
    expect(toml).not.toMatch(/^(?:version|memory|storage|allow_internet) = /m)
    expect(JSON.parse(text(files, 'environment/quarry/install.json'))).toMatchObject({
      strategy: { asOf: '2024-05-01T00:00:00.000Z', install: [{ argv: ['npm', 'ci'] }] },
      needs: [{ name: 'left-pad', range: '^1.0.0' }],
    })
  })

  test('tools of other ecosystems come from their public images; what none brings is said', async () => {
    const withTools = (toolchain: Readonly<Record<string, string>>) => ({
      ...task,
      strategy: { ...task.strategy, toolchain },
    })
    const files = await filesOf('harbor', [
      withTools({ python: '3.9.18', uv: '0.9.7', go: '1.22.3', rust: '1.95.0', java: '17.0.15' }),
    ])
    const dockerfile = text(files, 'environment/Dockerfile')
    for (const stage of ['python:3.9.18', 'golang:1.22.3', 'rust:1.95.0', 'eclipse-temurin:17-jdk'])
      expect(dockerfile).toContain(`FROM ${stage} AS tool-`)
    expect(dockerfile).toContain('COPY --from=tool-go /usr/local/go/ /env/go/')
    expect(dockerfile).toMatch(/RUN PATH=\/quarry\/bin:\/env\/python\/bin:.*:\$PATH node /)
    expect(dockerfile).not.toContain('tool-node')
    await expect(filesOf('harbor', [withTools({ maven: '3.9.6' })])).rejects.toThrow(/needs maven 3\.9\.6/)
  })

  test('the image is told nothing of the fix but the manifests that its dependencies come from', async () => {
    const install = text(await filesOf('harbor'), 'environment/quarry/install.json')
    expect(install).not.toContain(task.snapshot.afterTree)
    expect(install).not.toContain('right')
  })

  test('what a stored strategy names by digest is written out', async () => {
    const overrides = [
      { path: 'package.json', content: `sha256:${'a'.repeat(64)}` },
      { path: 'yarn.lock', content: null },
    ]
    const files = await filesOf('harbor', [{ ...task, strategy: { ...task.strategy, overrides } }])
    expect(JSON.parse(text(files, 'environment/quarry/install.json')).files).toEqual([
      { path: 'package.json', content: '{"name":"shop"}\n' },
      { path: 'yarn.lock', content: null },
    ])
  })
})
