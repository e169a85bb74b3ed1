/**
 * A build script of Gradle is a program: it says which tests run, in the very process that tells of them, and nothing in it can be told from the
 * rest. So the whole of it belongs to the tests. A dependency that a fix asks for is there for every candidate, as it is in the layer.
 */
export function isGradleScript(path: string): boolean {
  return /(?:^|\/)(?:[\w.-]+\.gradle(?:\.kts)?|gradle(?:-daemon-jvm)?\.properties|[\w.-]+\.versions\.toml)$/.test(path)
}

/** As `withRunnerKeys`, for what a build of Gradle is made of. */
export function withGradleScript(script: string, ...states: readonly string[]): string {
  return states.at(-1) ?? script
}
