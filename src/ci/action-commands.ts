type Inputs = Readonly<Record<string, string>>

/** Actions that do nothing but start a command, with the input that holds it. */
const commands: Readonly<Record<string, (inputs: Inputs) => string | undefined>> = {
  'actions-rs/cargo': (inputs) =>
    worded(
      inputs['use-cross'] === 'true' ? 'cross' : 'cargo',
      inputs.toolchain === undefined ? undefined : `+${inputs.toolchain}`,
      inputs.command,
      inputs.args,
    ),
  'clechasseur/rs-cargo': (inputs) => worded('cargo', inputs.command, inputs.args),
  'actions-rs/clippy-check': (inputs) => worded('cargo clippy', inputs.args),
  'gradle/gradle-build-action': (inputs) => gradle(inputs.arguments),
  'gradle/gradle-command-action': (inputs) => gradle(inputs.arguments),
  'gradle/actions/setup-gradle': (inputs) => gradle(inputs.arguments),
  'eskatos/gradle-command-action': (inputs) => gradle(inputs.arguments),
  'burrunan/gradle-cache-action': (inputs) => gradle(inputs.arguments),
  'nick-fields/retry': (inputs) => inputs.command,
  'nick-invision/retry': (inputs) => inputs.command,
  'Wandalen/wretry.action': (inputs) => inputs.command,
  'coactions/setup-xvfb': (inputs) => inputs.run,
  'GabrielBB/xvfb-action': (inputs) => inputs.run,
  'aganders3/headless-gui': (inputs) => inputs.run,
  'borales/actions-yarn': (inputs) => worded('yarn', inputs.cmd),
  'bahmutov/npm-install': (inputs) => inputs['install-command'],
  'pre-commit/action': (inputs) => worded('pre-commit run', inputs.extra_args),
  'golangci/golangci-lint-action': (inputs) => worded('golangci-lint run', inputs.args),
  'robherley/go-test-action': (inputs) => worded('go test', inputs.testArguments ?? './...'),
}

/** The command that an action comes to; null: it is none of those that only start one. */
export function actionCommand(action: string, inputs: Inputs): string | null {
  return commands[action]?.(inputs) ?? null
}

function worded(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part.trim() !== '').join(' ')
}

/** Without arguments, these actions only bring Gradle. */
function gradle(given: string | undefined): string | undefined {
  return given === undefined ? undefined : worded('./gradlew', given)
}
