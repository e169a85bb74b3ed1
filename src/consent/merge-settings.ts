import type { ReadSettings, SettingsProblem } from '../model/index.ts'

/** Whose file the mistakes are in: the repository's own, or that of its organisation's repository `.github`. */
export type SettingsOwner = 'repository' | 'organisation'

export type SettingsInForce =
  | Extract<ReadSettings, { settings: unknown }>
  | { readonly problems: readonly SettingsProblem[]; readonly in: SettingsOwner }

/**
 * The settings in force: what the repository's own file says, and by it, key by key at the top level, what the organisation's file says
 * of the rest. `labels` of the one replaces `labels` of the other whole. A mistake in either file is one in both: nobody knows which
 * setting it was meant for. Null: no such file (`null`), on either side.
 */
export function mergeSettings(own: ReadSettings | null, organisation: ReadSettings | null): SettingsInForce | null {
  if (own !== null && 'problems' in own) return { problems: own.problems, in: 'repository' }
  if (organisation !== null && 'problems' in organisation)
    return { problems: organisation.problems, in: 'organisation' }
  if (own === null && organisation === null) return null
  return { settings: { ...organisation?.settings, ...own?.settings } }
}
