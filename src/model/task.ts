/** `owner__name-123`, as SWE-bench's `instance_id`. A name: (name, revision) is immutable. */
export function taskName(repository: string, pull: number): string {
  return `${repository.replace('/', '__')}-${pull}`
}

export type Verdict = 'resolved' | 'unresolved' | 'patch-rejected' | 'fault'
