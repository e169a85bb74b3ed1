import type { PythonProject } from './project.ts'

/**
 * What builds that ask git for a version are told instead, as an install has no repository: the version of the snapshot's one tag. The same
 * in every run, or a build would name it after what a patch changed.
 */
export function versionVariables(project: PythonProject, tag: string | null): Readonly<Record<string, string>> {
  if (!project.versionFromGit) return {}
  const version =
    /(?<version>\d+(?:\.\d+)*(?:[-_.]?(?:a|b|rc|alpha|beta|post|dev)[-_.]?\d*)*)/i.exec(tag ?? '')?.groups?.version ??
    '0.1'
  return {
    SETUPTOOLS_SCM_PRETEND_VERSION: version,
    PBR_VERSION: version,
    PDM_BUILD_SCM_VERSION: version,
    POETRY_DYNAMIC_VERSIONING_BYPASS: version,
    UV_DYNAMIC_VERSIONING_BYPASS: version,
  }
}
