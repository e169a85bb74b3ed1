import { type ConfigFile, itemsOf, linesOf } from './config-file.ts'
import { quoted } from './expand.ts'
import { expandBraces, factorsHold, pythonIn } from './factors.ts'
import { joined } from './paths.ts'
import type { ToxRequest, ToxSource } from './tox-source.ts'
import type { TaskEnvironment } from './types.ts'

/** A tox file in ini syntax; `core` names the section with `envlist`. */
export function toxFromIni(path: string, file: ConfigFile, core: string): ToxSource {
  const sections = [...file.keys()].filter((name) => name.startsWith('testenv:'))
  const declared = sections.flatMap((name) => expandBraces(name.slice('testenv:'.length)))
  const settings = file.get(core)
  const listed = itemsOf(settings?.get('envlist') ?? settings?.get('env_list')).flatMap((item) => expandBraces(item))
  return {
    path,
    listed,
    declared,
    labels: new Map(
      linesOf(settings?.get('labels')).map((line) => {
        const [label = '', names = ''] = line.split('=')
        return [label.trim(), itemsOf(names).flatMap((item) => expandBraces(item))] as const
      }),
    ),
    environment: (request) => new IniEnvironment(path, file, core, request).read(),
  }
}

const truths = /^(?:true|yes|on|1)$/i
const [open, close] = ['\uE000', '\uE001']

/** One environment of an ini file, read for one call. */
class IniEnvironment {
  private readonly path: string
  private readonly file: ConfigFile
  private readonly core: string
  private readonly request: ToxRequest
  private readonly section: string | null
  private directory = '.'

  constructor(path: string, file: ConfigFile, core: string, request: ToxRequest) {
    this.path = path
    this.file = file
    this.core = core
    this.request = request
    const own = [...file.keys()].filter((name) => name.startsWith('testenv:'))
    this.section = own.find((name) => expandBraces(name.slice('testenv:'.length)).includes(request.name)) ?? null
  }

  read(): TaskEnvironment {
    const { name } = this.request
    const folder = this.path.includes('/') ? this.path.slice(0, this.path.lastIndexOf('/')) : '.'
    this.directory = joined(folder, this.text('changedir', 'change_dir').replaceAll('{toxinidir}', '.'))
    return {
      runner: 'tox',
      name,
      from: `${this.path} ${this.section ?? 'testenv'}`,
      python: this.text('basepython', 'base_python') || pythonIn(name),
      dependencies: linesOf(this.text('deps')),
      extras: itemsOf(this.text('extras')),
      groups: itemsOf(this.text('dependency_groups')),
      project: this.project(),
      variables: this.variables(),
      directory: this.directory,
      commands: [...this.commands('commands_pre'), ...this.commands('commands'), ...this.commands('commands_post')],
    }
  }

  private project(): TaskEnvironment['project'] {
    const settings = this.file.get(this.core)
    const none = settings?.get('skipsdist') ?? settings?.get('no_package') ?? settings?.get('skip_sdist') ?? ''
    const kind = this.text('package')
    if (truths.test(this.text('usedevelop', 'use_develop')) || kind.startsWith('editable')) return 'editable'
    return truths.test(none) || truths.test(this.text('skip_install')) || kind === 'skip' ? 'no' : 'installed'
  }

  private variables(): Record<string, string> {
    const lines = linesOf(this.text('setenv', 'set_env'))
    return Object.fromEntries(
      lines.flatMap((line) => {
        const cut = line.indexOf('=')
        return cut > 0 ? [[line.slice(0, cut).trim(), line.slice(cut + 1).trim()] as const] : []
      }),
    )
  }

  private commands(key: string): readonly string[] {
    const given = this.request.positional.map(quoted).join(' ')
    // `[]` is how older files write `{posargs}`.
    const lines = linesOf(this.text(key))
      .map((line) => line.replaceAll(/(?<=\s)\[\](?=\s|$)/g, given))
      .join('\n')
      .replaceAll(/\\\n/g, ' ')
      .split('\n')
    return lines.map((line) => line.replace(/^\s*(?:[-!]\s*)+(?=\S)/, '').trim()).filter((line) => line !== '')
  }

  /** A key's value in this environment, by its newer or older name. */
  private text(...keys: readonly string[]): string {
    for (const section of [this.section, 'testenv']) {
      for (const key of keys) {
        const value = section === null ? undefined : this.file.get(section)?.get(key)
        if (value !== undefined) return this.substituted(this.conditional(value), 0)
      }
    }
    return ''
  }

  /** Lines under a condition on factors (`py38: x`) only where it holds. */
  private conditional(value: string): string {
    return value
      .split('\n')
      .flatMap((line) => {
        const found = /^\s*([\w{}.!, -]+):(?:\s+(.*))?$/.exec(line)
        if (found === null) return [line]
        return factorsHold(found[1] ?? '', this.request.name) ? [found[2] ?? ''] : []
      })
      .join('\n')
  }

  private substituted(value: string, depth: number): string {
    let text = value
      .replaceAll(/\\([{}])/g, (_, brace) => (brace === '{' ? open : close))
      .replaceAll(/\{(?:envbindir|env_bin_dir)\}[\\/]/g, '')
    for (let round = 0; round < 12 && /\{[^{}]*\}/.test(text) && text.length < 50_000; round += 1) {
      text = text.replaceAll(
        /\{([^{}]*)\}/g,
        (_, inner: string) => this.known(inner, depth) ?? `${open}${inner}${close}`,
      )
    }
    return depth === 0 ? text.replaceAll(open, '{').replaceAll(close, '}') : text
  }

  private known(inner: string, depth: number): string | null {
    const { name, positional, variables } = this.request
    const other = /^\[([^\]]+)\]\s*([\w-]+)$/.exec(inner)
    if (other !== null) return this.elsewhere(other[1] ?? '', other[2] ?? '', depth)
    const [head = '', ...rest] = inner.split(':')
    if (head === 'posargs') return positional.length > 0 ? positional.map(quoted).join(' ') : rest.join(':').trim()
    if (head === 'env') return variables[rest[0] ?? ''] ?? rest.slice(1).join(':')
    if (head === 'tty') return rest[1] ?? ''
    const plain: Readonly<Record<string, string>> = {
      ...{ '/': '/', ':': ':', envname: name, env_name: name, envpython: 'python', env_python: 'python' },
      ...{ basepython: 'python', base_python: 'python', toxinidir: this.root(), tox_root: this.root() },
      ...{ toxworkdir: `${this.root()}/.tox`, work_dir: `${this.root()}/.tox` },
      ...{ envdir: `${this.root()}/.tox/${name}`, env_dir: `${this.root()}/.tox/${name}` },
      ...{ envtmpdir: `${this.root()}/.tox/${name}/tmp`, env_tmp_dir: `${this.root()}/.tox/${name}/tmp` },
      ...{ envlogdir: `${this.root()}/.tox/${name}/log`, env_log_dir: `${this.root()}/.tox/${name}/log` },
    }
    return Object.hasOwn(plain, head) && rest.length === 0 ? (plain[head] ?? null) : inner === ':' ? ':' : null
  }

  private elsewhere(section: string, key: string, depth: number): string | null {
    const own = section === 'testenv' || section.startsWith('testenv:')
    const value =
      this.file.get(section)?.get(key.toLowerCase()) ?? (own ? this.file.get('testenv')?.get(key) : undefined)
    return value === undefined || depth > 6 ? null : this.substituted(this.conditional(value), depth + 1)
  }

  /** The way from where its commands run to the file's folder. */
  private root(): string {
    const folder = this.path.includes('/') ? this.path.slice(0, this.path.lastIndexOf('/')) : '.'
    if (this.directory === folder) return '.'
    const below = folder === '.' ? this.directory : this.directory.slice(folder.length + 1)
    return below === '' || below === '.'
      ? '.'
      : below
          .split('/')
          .map(() => '..')
          .join('/')
  }
}
