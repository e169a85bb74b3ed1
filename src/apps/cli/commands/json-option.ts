/** Every command has it. */
export const jsonOption = ['--json', 'write one JSON object a line'] as const
