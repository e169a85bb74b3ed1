import type { FullTask } from '../../query/tasks.ts'
import type { ContainerPrograms } from '../types.ts'
import { containerPaths, containerUser } from './settings.ts'
import { toolCopy, toolImages, toolStage } from './tool-images.ts'

/** Distributions by what an environment's root is called, and the public image that stands for each. */
const images: readonly (readonly [RegExp, string])[] = [
  [/^debian-13\b/, 'buildpack-deps:trixie'],
  [/^debian-11\b/, 'buildpack-deps:bullseye'],
  [/^ubuntu-22\.04\b/, 'buildpack-deps:jammy'],
  [/^ubuntu-24\.04\b/, 'buildpack-deps:noble'],
]
const usualImage = 'buildpack-deps:bookworm'

/** The image that a task is worked on and graded in: a public base, the toolchain, what was installed, the snapshot at /testbed. */
export function dockerfile(task: FullTask, programs: ContainerPrograms): string {
  const { own, managers } = toolImages(task.name, task.strategy.toolchain)
  const { quarry } = containerPaths
  const { name, id, home } = containerUser
  return `# ${task.name}, revision ${task.revision}: ${task.contentHash}
# Installed as recorded${task.strategy.asOf === null ? '' : `, unlocked dependencies as of ${task.strategy.asOf}`}:
${task.strategy.install.map(({ argv, directory }) => `#   ${oneLine(argv.join(' '))}   (in ${oneLine(directory)})`).join('\n')}
# A registry of your own: docker build --build-arg NPM_CONFIG_REGISTRY=ADDRESS

${own.map(({ tool, from }) => toolStage(tool, from)).join('\n')}
# What Quarry itself runs on, and the package managers.
FROM node:${programs.node} AS quarry
ARG NPM_CONFIG_REGISTRY
RUN mkdir -p ${quarry}/bin ${quarry}/lib/node_modules /env \\
 && cp /usr/local/bin/node ${quarry}/bin/ \\
 && cp -a /usr/local/lib/node_modules/npm ${quarry}/lib/node_modules/ \\
 && ln -s ../lib/node_modules/npm/bin/npm-cli.js ${quarry}/bin/npm
RUN npm install --prefix ${quarry} --ignore-scripts --no-audit --no-fund --no-save --legacy-peer-deps ${packagesOf(programs)}
${managers
  .map(
    ({ tool, version }) =>
      `RUN npm install --global --prefix /env/${tool} --no-audit --no-fund ${packageOf(tool, version)}\n`,
  )
  .join('')}
FROM ${baseImage(task.environment.root)}
ARG NPM_CONFIG_REGISTRY
RUN ! getent passwd ${id} || userdel --remove "$(id -nu ${id})" ; useradd --uid ${id} --user-group --create-home --home-dir ${home} --shell /bin/bash ${name}
${own.map(({ tool, from }) => toolCopy(tool, from)).join('')}COPY --from=quarry /env/ /env/
COPY --from=quarry ${quarry}/ ${quarry}/
COPY quarry/ ${quarry}/install/
RUN PATH=${[`${quarry}/bin`, ...own.map(({ tool }) => `/env/${tool}/bin`), '$PATH'].join(':')} node ${quarry}/install/install.mjs
${variables(task)
  .map(([key, value]) => `ENV ${key}=${JSON.stringify(value).replaceAll('$', '\\$')}\n`)
  .join('')}WORKDIR /testbed
`
}

function baseImage(root: string): string {
  return images.find(([pattern]) => pattern.test(root))?.[1] ?? usualImage
}

function packagesOf({ packages }: ContainerPrograms): string {
  return Object.entries(packages)
    .map(([name, version]) => `${name}@${version}`)
    .join(' ')
}

/** Yarn's later lines are a package of another name. */
function packageOf(tool: string, version: string): string {
  return tool === 'yarn' && !/^[01]\./.test(version) ? `@yarnpkg/cli-dist@${version}` : `${tool}@${version}`
}

/** What an agent's own commands see: the environment's programs first, as the tests do. */
function variables({ strategy }: FullTask): [string, string][] {
  return Object.entries({
    PATH: [...Object.keys(strategy.toolchain).map((tool) => `/env/${tool}/bin`), '/usr/local/bin:/usr/bin:/bin'].join(
      ':',
    ),
    TZ: 'UTC',
    LANG: 'C.UTF-8',
    ...strategy.variables,
  })
}

/** A line break would end the comment. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ')
}
