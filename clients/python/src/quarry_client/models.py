"""What the API answers with. What a newer server says besides is left out; times have their zone."""

from __future__ import annotations

import base64
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

Visibility = Literal["private", "organisation", "public"]
TaskState = Literal["live", "quarantined", "retired"]
Verdict = Literal["resolved", "unresolved", "patch-rejected", "fault"]


class Model(BaseModel):
    """The base of all of them: read only."""

    model_config = ConfigDict(frozen=True, extra="ignore", protected_namespaces=())


class Ended(Model):
    """What took a task out of the live set."""

    sequence: int
    reason: str | None
    at: AwareDatetime


class SolveRate(Model):
    """How often a task was tried and solved."""

    attempts: int
    solved: int
    rate: float | None
    signal: Literal["always-solved", "never-solved"] | None


class Statement(Model):
    """What an agent is told: `issue` is the usual one."""

    title: str
    issue: str
    hints: str


class Task(Model):
    """A task as it is listed. What `fields` left out is None."""

    task: str
    revision: int
    content_hash: str | None = None
    sequence: int | None = None
    repository: str | None = None
    owner: str | None = None
    pull: int | None = None
    title: str | None = None
    miner: str | None = None
    ecosystem: str | None = None
    language: str | None = None
    frameworks: tuple[str, ...] | None = None
    licence: str | None = None
    visibility: Visibility | None = None
    state: TaskState | None = None
    flags: tuple[str, ...] | None = None
    fail_to_pass: int | None = None
    pass_to_pass: int | None = None
    files_changed: int | None = None
    lines_changed: int | None = None
    difficulty: int | None = None
    merged_at: AwareDatetime | None = None
    vetted_at: AwareDatetime | None = None
    earliest_at: AwareDatetime | None = None
    ended: Ended | None = None
    erased_at: AwareDatetime | None = None
    solve_rate: SolveRate | None = None
    statement: Statement | None = None

    @property
    def id(self) -> str:
        """`name@revision`: this very revision, whatever is published later."""
        return f"{self.task}@{self.revision}"


class TaskDetail(Model):
    """One task, and what an agent is told."""

    task: str
    revision: int
    content_hash: str
    sequence: int
    repository: str
    owner: str
    pull: int
    title: str
    miner: str
    ecosystem: str
    language: str
    frameworks: tuple[str, ...]
    licence: str | None
    visibility: Visibility
    state: TaskState
    flags: tuple[str, ...]
    fail_to_pass: int
    pass_to_pass: int
    files_changed: int
    lines_changed: int
    difficulty: int
    merged_at: AwareDatetime
    vetted_at: AwareDatetime
    earliest_at: AwareDatetime
    ended: Ended | None
    erased_at: AwareDatetime | None
    solve_rate: SolveRate | None = None
    statement: Statement
    base_commit: str

    @property
    def id(self) -> str:
        """`name@revision`: this very revision, whatever is published later."""
        return f"{self.task}@{self.revision}"


class Command(Model):
    """An argument array, never a shell string."""

    argv: tuple[str, ...]
    directory: str
    variables: dict[str, str]


class TestPlan(Model):
    """How one framework is run in one folder."""

    __test__ = False  # no test of pytest's

    framework: str
    directory: str
    version: str | None
    arguments: tuple[str, ...]
    node_arguments: tuple[str, ...]
    variables: dict[str, str]


class Layer(Model):
    """What installing added: `AsyncQuarry.environment_layer` downloads it."""

    diff_id: str
    digest: str
    bytes: int | None
    unpacked_bytes: int | None
    media_type: Literal["application/vnd.oci.image.layer.v1.tar+zstd"]
    url: str


class TaskEnvironment(Model):
    """What a task's tests need beside the source."""

    task: str
    revision: int
    content_hash: str
    strategy: str
    ecosystem: str
    root: str
    toolchain: dict[str, str]
    variables: dict[str, str]
    install: tuple[Command, ...]
    build: tuple[Command, ...]
    tests: tuple[TestPlan, ...]
    resolved_as_of: str | None
    evidence: tuple[str, ...]
    after_seconds: float
    cores: int
    layer: Layer | None
    image: str | None


class TaskTests(Model):
    """What a grade hangs on. A patch that is not UTF-8 is in the field with `_base64`."""

    task: str
    revision: int
    content_hash: str
    fail_to_pass: tuple[str, ...]
    pass_to_pass: tuple[str, ...]
    flaky: tuple[str, ...]
    before: dict[str, str]
    test_patch: str | None
    test_patch_base64: str | None

    @property
    def patch(self) -> bytes:
        """The test patch, byte for byte."""
        return patch_bytes(self.test_patch, self.test_patch_base64)


class Solution(Model):
    """The fix. A patch that is not UTF-8 is in the field with `_base64`."""

    task: str
    revision: int
    content_hash: str
    fix_patch: str | None
    fix_patch_base64: str | None

    @property
    def patch(self) -> bytes:
        """The fix patch, byte for byte: what `grade` takes."""
        return patch_bytes(self.fix_patch, self.fix_patch_base64)


class TaskContent(Model):
    """What `content_hash` is the hash of: its names are those of the canonical JSON. Lists are None without tests:read."""

    statement: dict[str, str]
    baseTree: str  # noqa: N815
    beforeTree: str  # noqa: N815
    afterTree: str  # noqa: N815
    fixPatch: str  # noqa: N815
    testPatch: str  # noqa: N815
    failToPass: tuple[str, ...] | None  # noqa: N815
    passToPass: tuple[str, ...] | None  # noqa: N815
    environment: str


class Trees(Model):
    """Git's ids."""

    base_commit: str
    base: str
    before: str
    after: str
    tag: str | None


class CertifiedEnvironment(Model):
    """What the environment's digest is the digest of, and how large its layer is."""

    digest: str
    layer: str | None
    root: str
    strategy: dict[str, Any]
    toolchain: dict[str, str]
    layer_bytes: int | None
    unpacked_bytes: int | None
    built_at: AwareDatetime


class StatusCounts(Model):
    """How many tests ended how."""

    passed: int
    failed: int
    skipped: int
    errored: int


class CertifiedRun(Model):
    """One run that the lists were made of."""

    state: Literal["base", "before", "after"]
    part: Literal["suite", "repeat"]
    ordinal: int
    ended: str
    exit_code: int | None
    seconds: dict[str, float]
    peak_mib: int | None
    cores: int
    tests: StatusCounts
    statuses: str
    at: AwareDatetime


class CertifiedVerdict(Model):
    """What a validator said. Its evidence is None without tests:read."""

    validator: str
    verdict: Literal["accepted", "refused", "flagged"]
    reason: str | None
    evidence: dict[str, Any] | None
    at: AwareDatetime


class Certificate(Model):
    """The evidence for a task."""

    task: str
    revision: int
    content_hash: str
    content: TaskContent
    trees: Trees
    environment: CertifiedEnvironment
    runs: tuple[CertifiedRun, ...]
    verdicts: tuple[CertifiedVerdict, ...]
    flags: tuple[str, ...]
    flaky: tuple[str, ...] | None
    before: dict[str, str] | None
    statement_at: AwareDatetime | None
    merged_at: AwareDatetime
    vetted_at: AwareDatetime
    validated_at: AwareDatetime


class TaskEvent(Model):
    """What happened to a revision."""

    sequence: int
    event: Literal["published", "quarantined", "retired"]
    reason: str | None
    at: AwareDatetime


class TaskVersion(Model):
    """A revision."""

    revision: int
    content_hash: str
    sequence: int
    state: TaskState
    vetted_at: AwareDatetime
    validated_at: AwareDatetime
    erased_at: AwareDatetime | None
    events: tuple[TaskEvent, ...]


class TaskVersions(Model):
    """Every revision, oldest first."""

    task: str
    versions: tuple[TaskVersion, ...]


class TaskPage(Model):
    """Some tasks, and where the next ones are."""

    tasks: tuple[Task, ...]
    next_cursor: str | None
    as_of: int
    """The publication sequence that it was answered as of: given back as `as_of`, it gives the same set for ever."""


class Counts(Model):
    """Tests that passed, and that did not."""

    passed: int
    failed: int


class GradeCounts(Model):
    """Of both lists."""

    fail_to_pass: Counts
    pass_to_pass: Counts


class FailToPass(Model):
    """By name."""

    passed: tuple[str, ...]
    failed: tuple[str, ...]


class PassToPass(Model):
    """Those that failed by name."""

    passed: int
    failed: tuple[str, ...]


class GradeRun(Model):
    """How the run of the tests ended."""

    ended: str
    seconds: float


class Grade(Model):
    """The judgement of a patch. `reward` is None until it is done, and for a fault: mask those, they are no attempts."""

    grade: str
    task: str
    revision: int
    content_hash: str
    state: Literal["queued", "running", "done"]
    verdict: Verdict | None
    reward: Literal[0, 1] | None
    counts: GradeCounts | None
    fail_to_pass: FailToPass | None
    pass_to_pass: PassToPass | None
    run: GradeRun | None
    detail: str | None
    seconds: float | None
    queued_at: AwareDatetime
    started_at: AwareDatetime | None
    ended_at: AwareDatetime | None

    @property
    def done(self) -> bool:
        """Whether there is a verdict."""
        return self.state == "done"

    @property
    def faulted(self) -> bool:
        """Whether the machine failed, and not the patch."""
        return self.verdict == "fault"


class GradesAnswer(Model):
    """What asking for grades gives."""

    grades: tuple[Grade, ...]


class Outcome(Model):
    """One attempt at a task, as it is reported."""

    task: str
    consumer: str
    model: str
    solved: bool
    reward: float | None = None
    tokens: int | None = None
    grade: str | None = None


class OutcomesAnswer(Model):
    """How many outcomes were stored."""

    stored: int


class LeasedTask(Task):
    """A task of a lease, and whether it is still out."""

    content_hash: str
    lease_state: Literal["leased", "completed", "released", "expired"]


class LeaseInfo(Model):
    """A lease as the server knows it."""

    lease: str
    consumer: str
    attempts: int
    state: Literal["open", "expired", "ended"]
    created_at: AwareDatetime
    expires_at: AwareDatetime
    tasks: tuple[LeasedTask, ...]


class ModelSolveRate(Model):
    """How often one model solved a task."""

    model: str
    attempts: int
    solved: int
    rate: float | None


class TaskSolveRates(Model):
    """How often a task was solved."""

    task: str
    revision: int
    content_hash: str
    overall: SolveRate
    models: tuple[ModelSolveRate, ...]


class Suspect(Model):
    """A test that many different patches fail, and no other with it: a suspected false negative."""

    task: str
    revision: int
    repository: str
    test: str
    list: Literal["fail_to_pass", "pass_to_pass"]
    fail_to_pass: int
    patches: int
    resolved: int
    models: tuple[str, ...]
    grades: tuple[str, ...]


class SuspectPage(Model):
    """Some suspects, and where the rest are."""

    suspects: tuple[Suspect, ...]
    next_cursor: str | None


class TaskCounts(Model):
    """Tasks by what became of them."""

    live: int
    quarantined: int
    retired: int
    erased: int


class CandidateCounts(Model):
    """Candidates by their state."""

    proposed: int
    vetted: int
    refused: int
    fault: int


class Stats(Model):
    """How much there is: live tasks by language, refused candidates by reason."""

    repositories: int
    tasks: TaskCounts
    languages: dict[str, int]
    candidates: CandidateCounts
    refused: dict[str, int]


class Candidate(Model):
    """A merged pull that a miner looked at, how far it came, and why it was refused."""

    repository: str
    pull: int
    title: str
    miner: str
    state: Literal["proposed", "vetted", "refused", "fault"]
    stage: str
    reason: str | None
    evidence: dict[str, Any]
    flags: tuple[str, ...]
    task: str | None
    merged_at: AwareDatetime | None
    decided_at: AwareDatetime | None


class CandidatePage(Model):
    """Some of the ledger, and where the rest is."""

    candidates: tuple[Candidate, ...]
    next_cursor: str | None


class Backfill(Model):
    """How far the pulls of before were read."""

    listed: int
    done: bool


class Repository(Model):
    """A repository that is mined."""

    repository: str
    forge: str
    state: Literal["active", "removed", "deleted"]
    private: bool
    archived: bool
    visibility: Visibility
    settings: bool
    candidates: CandidateCounts
    tasks: int
    backfill: Backfill | None
    reconciled_at: AwareDatetime | None
    created_at: AwareDatetime


class RepositoryPage(Model):
    """Some repositories, and where the rest are."""

    repositories: tuple[Repository, ...]
    next_cursor: str | None


def patch_bytes(text: str | None, encoded: str | None) -> bytes:
    """A patch out of its two forms."""
    return text.encode() if text is not None else base64.b64decode(encoded or "")
