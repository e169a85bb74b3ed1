/** What a repository's owners allow and ask for, by their `.github/quarry.yml`. Pure: texts in, decisions out. */
export { type Consent, consentOf, refusalOf } from './consent.ts'
export { settingsJsonSchema } from './json-schema.ts'
export { refusalByLabels } from './labels.ts'
export { runSecondsFor } from './limits.ts'
export { mergeSettings, type SettingsInForce, type SettingsOwner } from './merge-settings.ts'
export { readSettings } from './read-settings.ts'
