import type { TreeReader } from '../model/index.ts'
import { setupsOfImage } from './image-versions.ts'
import { joined } from './paths.ts'
import type { CiJob, CiRun } from './types.ts'
import { type Fields, isRecord, recordIn, safeYaml, scalar, texts } from './values.ts'

/** Jobs of CircleCI, GitLab, Cirrus and Azure, as lists of commands with the versions that their images are made for. */
export async function readOtherServices(tree: TreeReader): Promise<readonly CiJob[]> {
  const read = async (path: string): Promise<Fields> => {
    const value = tree.has(path) ? safeYaml((await tree.read(path)) ?? '') : undefined
    return isRecord(value) ? value : {}
  }
  return [
    ...circle(await read('.circleci/config.yml')),
    ...gitlab(await read('.gitlab-ci.yml')),
    ...cirrus(await read('.cirrus.yml')),
    ...azure(await read('azure-pipelines.yml')),
  ]
}

function jobOf(from: string, linux: boolean, images: readonly string[], runs: readonly CiRun[]): CiJob {
  const [first, ...services] = images
  const setups = first === undefined ? [] : setupsOfImage(first)
  return { from, linux, everyPush: true, container: null, services, setups, runs }
}

function variablesOf(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(isRecord(value) ? value : {}).flatMap(([name, each]) => {
      const text = scalar(isRecord(each) ? each.value : each)
      return text === null || /[$]|<</.test(text) ? [] : [[name, text] as const]
    }),
  )
}

/** `<< parameters.x >>` by the defaults that the job (or the pipeline) declares. */
function parametersIn(text: string, holders: readonly unknown[]): string {
  return text.replaceAll(/<<\s*(?:pipeline\.)?parameters\.([\w-]+)\s*>>/g, (whole, name: string) => {
    const found = holders
      .map((holder) => scalar(recordIn(recordIn(holder, 'parameters'), name).default))
      .find((value) => value !== null)
    return found ?? whole
  })
}

function circle(file: Fields): readonly CiJob[] {
  return Object.entries(recordIn(file, 'jobs')).flatMap(([name, job]) => {
    if (!isRecord(job)) return []
    const executor = scalar(job.executor) ?? scalar(recordIn(job, 'executor').name) ?? ''
    const held = { ...recordIn(recordIn(file, 'executors'), executor), ...job }
    const images = (Array.isArray(held.docker) ? held.docker : []).flatMap((each) =>
      texts(isRecord(each) ? each.image : each),
    )
    const fill = (text: string): string => parametersIn(text, [job, file])
    const base = joined('.', (scalar(held.working_directory) ?? '.').replace(/^[~/].*/, '.'))
    const variables = variablesOf(held.environment)
    const runs = stepsOf(held.steps, recordIn(file, 'commands'), 0).map((run): CiRun => {
      const own = isRecord(run) ? scalar(run.working_directory) : null
      return {
        text: fill((isRecord(run) ? scalar(run.command) : scalar(run)) ?? ''),
        directory: own === null || /^[~/]/.test(own) ? base : joined(base, own),
        variables: { ...variables, ...variablesOf(isRecord(run) ? run.environment : undefined) },
      }
    })
    return [jobOf(`.circleci/config.yml job ${name}`, held.macos === undefined, images.map(fill), runs)]
  })
}

/** The `run` steps, those of the file's own commands laid out. */
function stepsOf(steps: unknown, commands: Fields, depth: number): readonly unknown[] {
  return (Array.isArray(steps) ? steps.slice(0, 200) : []).flatMap((step: unknown) => {
    if (isRecord(step) && step.run !== undefined) return [step.run]
    const name = scalar(step) ?? (isRecord(step) ? Object.keys(step)[0] : undefined) ?? ''
    return depth < 4 && Object.hasOwn(commands, name)
      ? stepsOf(recordIn(commands, name).steps, commands, depth + 1)
      : []
  })
}

const gitlabWords = new Set([
  'default',
  'include',
  'stages',
  'variables',
  'workflow',
  'image',
  'services',
  'cache',
  'before_script',
  'after_script',
  'pages',
])

function gitlab(file: Fields): readonly CiJob[] {
  const shared = { ...recordIn(file, 'default'), ...pick(file, ['image', 'services', 'before_script']) }
  return Object.keys(file).flatMap((name) => {
    if (name.startsWith('.') || gitlabWords.has(name) || !isRecord(file[name])) return []
    const job = { ...shared, ...extended(file, name, 0) }
    if (job.script === undefined) return []
    const variables = { ...variablesOf(file.variables), ...variablesOf(job.variables) }
    const image = scalar(job.image) ?? scalar(recordIn(job, 'image').name)
    const services = (Array.isArray(job.services) ? job.services : []).flatMap((each) =>
      texts(isRecord(each) ? each.name : each),
    )
    const runs = [...flat(job.before_script), ...flat(job.script)].map((text) => ({ text, directory: '.', variables }))
    return [jobOf(`.gitlab-ci.yml job ${name}`, true, [image ?? '', ...services], runs)]
  })
}

function pick(file: Fields, keys: readonly string[]): Fields {
  return Object.fromEntries(keys.flatMap((key) => (file[key] === undefined ? [] : [[key, file[key]] as const])))
}

function extended(file: Fields, name: string, depth: number): Fields {
  const own = recordIn(file, name)
  const bases = depth > 5 ? [] : texts(own.extends).map((base) => extended(file, base, depth + 1))
  return Object.assign({}, ...bases, own)
}

/** Lists in lists are one list, as anchors make them. */
function flat(value: unknown): readonly string[] {
  return Array.isArray(value)
    ? value.slice(0, 200).flatMap((each: unknown) => (Array.isArray(each) ? texts(each) : texts(each)))
    : texts(value)
}

function cirrus(file: Fields): readonly CiJob[] {
  return Object.entries(file).flatMap(([key, held]) => {
    const tasks = (Array.isArray(held) ? held : [held]).filter(isRecord)
    if (key !== 'task' && !key.endsWith('_task')) return []
    return tasks.map((task) => {
      const image = scalar(recordIn({ ...file, ...task }, 'container').image) ?? ''
      const linux = !['macos_instance', 'windows_container', 'freebsd_instance', 'osx_instance'].some(
        (name) => task[name] !== undefined,
      )
      const scripts = Object.entries(task).filter(([name]) => name.endsWith('script'))
      const variables = { ...variablesOf(file.env), ...variablesOf(task.env) }
      const runs = scripts.flatMap(([, text]) => texts(text)).map((text) => ({ text, directory: '.', variables }))
      return jobOf(`.cirrus.yml ${scalar(task.name) ?? key}`, linux, [image], runs)
    })
  })
}

function azure(file: Fields): readonly CiJob[] {
  const stages = Array.isArray(file.stages) ? file.stages.filter(isRecord).flatMap((stage) => stage.jobs) : []
  const jobs = [file.jobs, ...stages].flatMap((list: unknown) => (Array.isArray(list) ? list : [])).filter(isRecord)
  return [...(file.steps === undefined ? [] : [file]), ...jobs].map((job) => {
    const image = scalar({ ...recordIn(file, 'pool'), ...recordIn(job, 'pool') }.vmImage) ?? ''
    const variables = { ...variablesOf(file.variables), ...variablesOf(job.variables) }
    const runs = (Array.isArray(job.steps) ? job.steps.slice(0, 200) : [])
      .filter(isRecord)
      .flatMap((step): readonly CiRun[] => {
        const text = scalar(step.script) ?? scalar(step.bash)
        const own = scalar(step.workingDirectory)
        const directory = own === null || own.includes('$') ? '.' : joined('.', own)
        return text === null ? [] : [{ text, directory, variables: { ...variables, ...variablesOf(step.env) } }]
      })
    return jobOf(`azure-pipelines.yml job ${scalar(job.job) ?? 'steps'}`, !/windows|macos|vs20/i.test(image), [], runs)
  })
}
