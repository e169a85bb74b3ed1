"""Tasks as a verifiers taskset: `pip install 'quarry-client[verifiers]'`; its id is `quarry_taskset`.

The address and token are those of QUARRY_URL and QUARRY_TOKEN. The agent works on the snapshot in a folder of its runtime;
what it changed there is graded by the server, so that neither the tests nor the environment need be in the runtime.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import verifiers.v1 as vf
from pydantic import Field

from ._async import AsyncQuarry
from ._sync import Quarry

__all__ = ["QuarryTaskset"]


class QuarryData(vf.TaskData):
    """What a rollout knows of its task: `id` is `name@revision`."""

    folder: str


class QuarryTaskConfig(vf.TaskConfig):
    """Run-time settings."""

    grade_timeout: float = 3600
    """Seconds to wait for a grade."""


class QuarryTask(vf.Task[QuarryData, vf.State, QuarryTaskConfig]):
    """A snapshot to work on, and the server's grade of what became of it."""

    @property
    def key(self) -> str:
        """The same for ever: a revision does not change."""
        return str(self.data.id)

    async def setup(self, trace: vf.Trace, runtime: vf.Runtime) -> None:
        """Lays the snapshot out in the runtime, which needs git and nothing else."""
        with tempfile.TemporaryDirectory() as scratch:
            async with AsyncQuarry() as quarry:
                file = await quarry.bundle(self.key, Path(scratch) / "bundle")
            await runtime.write("snapshot.bundle", file.read_bytes())
        await self._run(
            runtime, "git clone -q snapshot.bundle {0} && git -C {0} remote remove origin && rm snapshot.bundle"
        )

    @vf.reward
    async def resolved(self, runtime: vf.Runtime) -> float:
        """1 where the tests that the fix mends pass and none breaks. A fault is no attempt: it is raised, not rewarded."""
        root = "$(git -C {0} rev-list --max-parents=0 HEAD)"
        await self._run(runtime, f"git -C {{0}} add -A && git -C {{0}} diff --cached --binary {root} > candidate.patch")
        async with AsyncQuarry() as quarry:
            patch = await runtime.read("candidate.patch")
            grade = await quarry.grade(self.key, patch, timeout=self.config.grade_timeout)
        if grade.reward is None:
            raise vf.TaskError(f"grade {grade.grade} is a fault: {grade.detail}")
        return float(grade.reward)

    async def validate(self, runtime: vf.Runtime) -> bool | None:
        """Whether the fix is worth 1; needs the scope solutions:read."""
        async with AsyncQuarry() as quarry:
            fix = await quarry.solution(self.key)
        await runtime.write("fix.patch", fix.patch)
        await self._run(runtime, 'git -C {0} apply --whitespace=nowarn "$PWD/fix.patch"')
        return await self.resolved(runtime) == 1

    async def _run(self, runtime: vf.Runtime, script: str) -> None:
        ended = await runtime.run(["sh", "-c", script.format(self.data.folder)], {})
        if ended.exit_code != 0:
            raise vf.SandboxError(f"{script} ended with {ended.exit_code}: {ended.stderr[-2000:]}")


class QuarryConfig(vf.TasksetConfig):
    """Which tasks, by the names that queries have, and where the agent finds its snapshot."""

    task: QuarryTaskConfig = QuarryTaskConfig()
    filter: dict[str, Any] = Field(default_factory=dict)
    folder: str = "testbed"


class QuarryTaskset(vf.Taskset[QuarryTask, QuarryConfig]):
    """The tasks that match a filter, newest first."""

    def load(self) -> Iterable[QuarryTask]:
        """Reads them page by page, as they are asked for."""
        with Quarry() as quarry:
            for task in quarry.iterate(**self.config.filter, fields=["title", "statement"]):
                prompt = task.statement.issue if task.statement else None
                data = QuarryData(
                    id=task.id, name=task.task, description=task.title, prompt=prompt, folder=self.config.folder
                )
                yield QuarryTask(data, self.config.task)
