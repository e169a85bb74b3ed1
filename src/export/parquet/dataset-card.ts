/** What a data set's page shows, and where its readers find the files: YAML between the lines, then prose. */
export function datasetCard({ tasks, languages }: { tasks: number; languages: readonly string[] }): string {
  return `---
pretty_name: Quarry tasks
task_categories:
- text-generation
tags:
- code
- software-engineering
size_categories:
- ${sizeCategory(tasks)}
configs:
- config_name: default
  data_files:
  - split: train
    path: data/train-*.parquet
---

# Quarry tasks

${tasks} coding tasks made of merged pull requests${languages.length === 0 ? '' : ` in ${languages.join(', ')}`}. Each was validated by
running its tests: those of \`FAIL_TO_PASS\` fail before the fix and pass after it in every run, those of \`PASS_TO_PASS\` pass in
both.

| column | holds |
| --- | --- |
| \`repo\`, \`instance_id\`, \`base_commit\`, \`environment_setup_commit\` | which task it is, and the commit it starts from |
| \`problem_statement\`, \`hints_text\` | the issues, and what people said of them before the pull |
| \`patch\`, \`test_patch\` | the fix, and the change of the tests |
| \`FAIL_TO_PASS\`, \`PASS_TO_PASS\` | lists of tests: file, suites and name, parted by \` > \` |
| \`created_at\`, \`version\` | when the issue or pull was written, and the release before it |
| \`language\`, \`frameworks\`, \`flags\` | what it is written in and tested with, and what is to be known of it |
| \`install_config\`, \`meta\` | JSON: how it is installed, built and tested; its revision, content hash and sequence |

The code and the issues belong to their authors, under the licences of the repositories that they come from.
`
}

function sizeCategory(tasks: number): string {
  const bounds = [1_000, 10_000, 100_000, 1_000_000, 10_000_000] as const
  const names = ['n<1K', '1K<n<10K', '10K<n<100K', '100K<n<1M', '1M<n<10M'] as const
  return names[bounds.findIndex((bound) => tasks < bound)] ?? '10M<n<100M'
}
