import { type Refused, type RepositorySettings, refuse } from '../model/index.ts'

/**
 * Refuses a pull whose labels the owners leave out: it has one of `exclude`, or lacks one of `require`. Labels are the same whatever their
 * case, as on GitHub. Null: nothing is said against it.
 */
export function refusalByLabels(settings: RepositorySettings | null, labels: readonly string[]): Refused | null {
  const carried = new Set(labels.map(folded))
  const excluded = settings?.labels?.exclude?.filter((label) => carried.has(folded(label))) ?? []
  if (excluded.length > 0) return refuse('not-consented', { setting: 'labels.exclude', labels: excluded })
  const missing = settings?.labels?.require?.filter((label) => !carried.has(folded(label))) ?? []
  return missing.length > 0 ? refuse('not-consented', { setting: 'labels.require', labels: missing }) : null
}

function folded(label: string): string {
  return label.trim().toLowerCase()
}
