/** As PEP 503 has a project's name in an index: lower case, runs of `-`, `_` and `.` one `-`. */
export function normalisedName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-')
}

/** Whether something may be a project's name at all (PEP 508). */
export function isProjectName(name: string): boolean {
  return /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,200}[A-Za-z0-9])?$/.test(name)
}

/** The project that a distribution's file is of, by its name alone (PEP 427, PEP 625 and older customs); null: it is none. */
export function projectOfFile(file: string): string | null {
  const wheel = /^(?<name>[^-]+)-(?<version>[^-]+)(?:-\d[^-]*)?-[^-]+-[^-]+-[^-]+\.whl$/.exec(file)
  if (wheel?.groups?.name !== undefined) return normalisedName(wheel.groups.name)
  const source = /^(?<name>.+?)-(?<version>\d[^-]*(?:-\d[^-]*)?)\.(?:tar\.(?:gz|bz2|xz)|tgz|zip)$/.exec(file)
  return source?.groups?.name === undefined ? null : normalisedName(source.groups.name)
}
