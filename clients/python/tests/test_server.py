"""The whole walk against a served instance: QUARRY_URL and QUARRY_TOKEN name it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from quarry_client import AsyncQuarry, BadRequest, NotFound, Outcome, Quarry, Unauthorized

pytestmark = pytest.mark.skipif("QUARRY_URL" not in os.environ, reason="QUARRY_URL names no server")

WRONG = """diff --git a/wrong.txt b/wrong.txt
new file mode 100644
--- /dev/null
+++ b/wrong.txt
@@ -0,0 +1 @@
+this mends nothing
"""


def test_the_whole_walk(tmp_path: Path) -> None:
    with Quarry() as quarry, quarry.lease("walk", 1) as lease:
        (task,) = lease.tasks
        folder = quarry.checkout(task, tmp_path / "work")
        said = subprocess.run(["git", "-C", folder, "status", "--porcelain"], check=True, capture_output=True)  # noqa: S607
        assert said.stdout == b""
        fix = quarry.solution(task).patch
        grades = quarry.grade_all([(task, fix), (task, b""), (task, WRONG), (task, "no patch at all")])
        assert [(grade.verdict, grade.reward) for grade in grades] == [
            ("resolved", 1),
            ("unresolved", 0),
            ("unresolved", 0),
            ("patch-rejected", 0),
        ]
        assert quarry.grade(task, fix).verdict == "resolved"
        assert "test" in quarry.grade_log(grades[0])
        outcomes = [
            Outcome(task=task.id, consumer="walk", model="fix", solved=grade.reward == 1, grade=grade.grade)
            for grade in grades
        ]
        assert quarry.report(outcomes) == 4
        rates = quarry.solve_rates(task)
        assert (rates.overall.attempts, rates.overall.rate) == (4, 0.25)
        assert task.id in {found.id for found in quarry.iterate(solve_rate_min=0.2, solve_rate_max=0.3)}
        assert task.id not in {found.id for found in quarry.iterate(solve_rate_min=0.5)}
    with Quarry() as quarry:
        assert quarry.get_lease(lease.id).state == "ended"
        with quarry.lease("walk", 100) as again:
            assert task.task not in {each.task for each in again}


def test_a_block_that_fails_gives_its_tasks_back() -> None:
    with Quarry() as quarry:
        with pytest.raises(ZeroDivisionError), quarry.lease("fails", 1) as first:
            raise ZeroDivisionError
        with quarry.lease("fails", 1) as second:
            assert [task.id for task in second] == [task.id for task in first]


def test_both_clients_tell_the_same(tmp_path: Path) -> None:
    async def read() -> list[Any]:
        async with AsyncQuarry() as quarry:
            names = [task.id async for task in quarry.stream()]
            first = names[0]
            bundle = await quarry.bundle(first, tmp_path / "snapshot.bundle")
            assert bundle == tmp_path / "snapshot.bundle"
            return [
                names,
                *[await part(first) for part in (quarry.task, quarry.environment, quarry.tests, quarry.versions)],
            ]

    names, *parts = asyncio.run(read())
    with Quarry() as quarry:
        assert names == [task.id for task in quarry.iterate(page_size=1)] == [task.id for task in quarry.stream()]
        first = names[0]
        assert parts == [part(first) for part in (quarry.task, quarry.environment, quarry.tests, quarry.versions)]
        folder = quarry.checkout(first, tmp_path / "work")
        subprocess.run(["git", "clone", "-q", tmp_path / "snapshot.bundle", tmp_path / "clone"], check=True)  # noqa: S607
        assert _head(folder) == _head(tmp_path / "clone")
        assert [task.id for task in quarry.iterate(as_of=quarry.tasks().as_of)] == names
        layer = parts[1].layer
        if layer is not None:
            file = quarry.environment_layer(first, tmp_path / "layer.tar.zst")
            assert f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}" == layer.digest
        assert quarry.stats().tasks.live == len(names)
        assert {found.task for found in quarry.candidates(state="vetted")} >= {name.split("@")[0] for name in names}
        assert next(quarry.repositories()).tasks >= 1
        assert isinstance(list(quarry.suspects()), list)


def _head(folder: Path) -> str:
    said = subprocess.run(["git", "-C", folder, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)  # noqa: S607
    return said.stdout


def test_the_content_hash_can_be_computed_without_quarry() -> None:
    def canonical(value: Any) -> str:
        """RFC 8785, for what has no fractions."""
        if isinstance(value, dict):
            members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
            return "{" + ",".join(f"{canonical(name)}:{canonical(each)}" for name, each in members) + "}"
        if isinstance(value, list):
            return "[" + ",".join(map(canonical, value)) + "]"
        return json.dumps(value, ensure_ascii=False)

    def digest(value: Any) -> str:
        return f"sha256:{hashlib.sha256(canonical(value).encode()).hexdigest()}"

    with Quarry() as quarry:
        name = next(quarry.iterate()).id
        typed = quarry.certificate(name)
        assert {run.state for run in typed.runs} >= {"before", "after"}
    headers = {"authorization": f"Bearer {os.environ['QUARRY_TOKEN']}"}
    told = httpx.get(f"{os.environ['QUARRY_URL']}/v1/tasks/{name}/certificate", headers=headers).json()
    parts = {part: told["environment"][part] for part in ("layer", "root", "strategy")}
    assert digest(parts) == told["environment"]["digest"] == told["content"]["environment"]
    assert digest(told["content"]) == told["content_hash"] == typed.content_hash


def test_what_is_wrong_is_told_with_its_field() -> None:
    with Quarry() as quarry:
        with pytest.raises(BadRequest) as raised:
            quarry.tasks(limit=0)
        assert [error.field for error in raised.value.errors] == ["limit"]
        with pytest.raises(NotFound):
            quarry.task("acme__nothing-1")
    with Quarry(token="quarry_unknown") as stranger, pytest.raises(Unauthorized):  # noqa: S106
        stranger.tasks()


def test_the_example_prints_the_rewards() -> None:
    example = Path(__file__).parent.parent / "examples" / "rewards.py"
    said = subprocess.run([sys.executable, example, "example"], check=True, capture_output=True, text=True)
    rows = said.stdout.splitlines()
    assert rows
    assert all(row.endswith("empty 0  fix 1") for row in rows)
