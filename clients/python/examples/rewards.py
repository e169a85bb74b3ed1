"""Leases tasks, tries the empty patch and the fix on each, and prints the rewards.

    QUARRY_URL=http://localhost:3000 QUARRY_TOKEN=quarry_… python examples/rewards.py

The token needs the scopes tasks:read, solutions:read, leases:write, grades:write and outcomes:write. An agent of yours
takes the place of `solution`: it gets the folder of `checkout` and gives a patch.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from quarry_client import Outcome, Quarry


def main(consumer: str = "rewards-example", count: int = 8) -> None:
    """Prints one line a task: its name, and the rewards of both patches (None is a fault: no attempt)."""
    with Quarry() as quarry, quarry.lease(consumer, count) as lease:
        patches: list[tuple[str, bytes]] = []
        for task in lease:
            with tempfile.TemporaryDirectory() as scratch:
                folder = quarry.checkout(task, Path(scratch) / task.task)
                print(f"{task.id}: {sum(1 for path in folder.rglob('*') if path.is_file())} files", file=sys.stderr)
            patches += [(task.id, b""), (task.id, quarry.solution(task).patch)]
        grades = quarry.grade_all(patches)
        for empty, fix in zip(grades[::2], grades[1::2], strict=True):
            print(f"{empty.task}@{empty.revision}  empty {empty.reward}  fix {fix.reward}")
        models = ("empty-patch", "the-fix") * len(lease)
        quarry.report(
            Outcome(
                task=f"{grade.task}@{grade.revision}",
                consumer=consumer,
                model=model,
                solved=grade.reward == 1,
                reward=grade.reward,
                grade=grade.grade,
            )
            for grade, model in zip(grades, models, strict=True)
            if not grade.faulted
        )


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "rewards-example")
