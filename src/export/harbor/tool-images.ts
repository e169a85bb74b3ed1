import { UserError } from '../../errors.ts'

/** Where a tool comes from in a public image: `copied` is the folder that becomes /env/<tool>; `made` runs first where it is not there yet. */
interface ToolImage {
  readonly image: string
  readonly copied: string
  readonly made?: string
}

/**
 * Tools that have an image of their own; the package managers of Node come from npm. Maven and Gradle are not among them: Quarry's have extensions of
 * their own that report the tests.
 */
const images: Readonly<Record<string, (version: string) => ToolImage>> = {
  node: (version) => ({ image: `node:${version}`, copied: '/usr/local/' }),
  python: (version) => ({ image: `python:${version}`, copied: '/usr/local/' }),
  uv: (version) => ({
    image: 'python:3.12',
    made: `pip install --no-cache-dir --target /tool uv==${version}`,
    copied: '/tool/',
  }),
  go: (version) => ({ image: `golang:${version}`, copied: '/usr/local/go/' }),
  rust: (version) => ({ image: `rust:${version}`, made: 'cp -a "$(rustc --print sysroot)" /tool', copied: '/tool/' }),
  java: (version) => ({ image: `eclipse-temurin:${version.split('.')[0]}-jdk`, copied: '/opt/java/openjdk/' }),
}

const fromNpm = new Set(['npm', 'pnpm', 'yarn'])

/** A strategy's tools, by where an image gets them. Throws UserError for one that no public image brings. */
export function toolImages(task: string, toolchain: Readonly<Record<string, string>>) {
  const own: { readonly tool: string; readonly from: ToolImage }[] = []
  const managers: { readonly tool: string; readonly version: string }[] = []
  for (const [tool, version] of Object.entries(toolchain)) {
    const from = images[tool]?.(version)
    if (from !== undefined) own.push({ tool, from })
    else if (fromNpm.has(tool)) managers.push({ tool, version })
    else
      throw new UserError(`${task} needs ${tool} ${version}, which no public image is known to bring`, {
        mend: 'leave it out by a filter, or export another format',
      })
  }
  return { own, managers }
}

/** The stage of a Dockerfile that holds a tool. */
export function toolStage(tool: string, { image, made }: ToolImage): string {
  return `FROM ${image} AS tool-${tool}\n${made === undefined ? '' : `RUN ${made}\n`}`
}

export function toolCopy(tool: string, { copied }: ToolImage): string {
  return `COPY --from=tool-${tool} ${copied} /env/${tool}/\n`
}
