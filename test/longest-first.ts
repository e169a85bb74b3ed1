import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What starts programs takes minutes however small its file is: first, so that no worker is left with it alone at the end. */
const long = /\/test\/(test-frameworks\/contract\.test|end-to-end\/)/

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification) => long.test(moduleId)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}
