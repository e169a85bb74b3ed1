/**
 * The nouns of Quarry, one word for one thing (the same in code, tables, API and UI).
 *
 * merged pull    a pull request that was merged, with the issues it closes
 * candidate      a merged pull that a miner proposes to make a task of
 * fix patch      the part of the pull's diff that solves the issue (the gold patch)
 * test patch     the part that adds or changes tests and what only tests use
 * base commit    the mainline commit just before the pull's work
 * snapshot       the source tree an agent starts from: fix reverted, new tests hidden, no history
 * environment    everything the tests need beside the source: root, toolchain, dependencies, commands
 * layer          what installing added to the tree and the environment, stored as one archive
 * run            one execution of the tests in a sandbox, on a snapshot with some patches applied
 * base, before, after   the three states run: snapshot alone; with the test patch; with test and fix patch
 * test           the framework's smallest named unit with a status of its own
 * FAIL_TO_PASS   tests that pass in every after-run and in no before-run
 * PASS_TO_PASS   tests that pass in every before-run and every after-run
 * flaky          passes in some but not all runs of one state; in neither list, kept by name
 * validator      a check that a candidate must survive to become a task
 * task           a vetted, immutable coding environment
 * grade          the judgement of a candidate patch against a task
 */
export * from './change.ts'
export * from './environment.ts'
export * from './pull.ts'
export * from './reason.ts'
export * from './repository-settings.ts'
export * from './run.ts'
export * from './task.ts'
