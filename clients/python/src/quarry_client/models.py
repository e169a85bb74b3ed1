"""What the API answers with. What a newer server says besides is left out; times have their zone."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

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
    revision: int | None = None
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
    visibility: Literal["private", "organisation", "public"] | None = None
    state: Literal["live", "quarantined", "retired"] | None = None
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
        return self.task if self.revision is None else f"{self.task}@{self.revision}"


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


Patch = Annotated[str | bytes, Field(description="What `git diff --binary` writes; the empty one is a patch too")]
