import { swebench } from './swebench.ts'
import type { ExportFormat } from './types.ts'

export type { ExportFormat } from './types.ts'

/** Every export format: one line each. */
export const exportFormats: readonly ExportFormat[] = [swebench]

/** The format of that name, or null. */
export function formatNamed(name: string): ExportFormat | null {
  return exportFormats.find((format) => format.name === name) ?? null
}
