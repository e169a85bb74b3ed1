"""Tasks as a Hugging Face dataset: `pip install 'quarry-client[datasets]'`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import datasets
from typing_extensions import Unpack

from ._sync import Quarry
from .filters import TaskQuery

FEATURES = datasets.Features(
    {
        "task": datasets.Value("string"),
        "revision": datasets.Value("int64"),
        "content_hash": datasets.Value("string"),
        "repository": datasets.Value("string"),
        "language": datasets.Value("string"),
        "licence": datasets.Value("string"),
        "title": datasets.Value("string"),
        "problem_statement": datasets.Value("string"),
        "hints_text": datasets.Value("string"),
        "difficulty": datasets.Value("int64"),
        "fail_to_pass": datasets.Value("int64"),
        "pass_to_pass": datasets.Value("int64"),
        "files_changed": datasets.Value("int64"),
        "lines_changed": datasets.Value("int64"),
        "flags": datasets.Sequence(datasets.Value("string")),
        "merged_at": datasets.Value("timestamp[ms, tz=UTC]"),
        "vetted_at": datasets.Value("timestamp[ms, tz=UTC]"),
    }
)
"""What stands in a row; `fail_to_pass` and `pass_to_pass` are numbers of tests."""

_ASKED = [name for name in FEATURES if name not in {"problem_statement", "hints_text"}] + ["statement"]


def load(quarry: Quarry, **query: Unpack[TaskQuery]) -> datasets.Dataset:
    """The tasks that match, as a dataset in memory. Give `as_of` for one that is the same for ever."""
    query["fields"] = _ASKED
    rows = [_row(task.model_dump()) for task in quarry.iterate(**query)]
    return datasets.Dataset.from_list(rows, features=FEATURES)


def stream(url: str | None = None, token: str | None = None, **query: Unpack[TaskQuery]) -> datasets.IterableDataset:
    """The same without holding all of them: asked for anew each time it is iterated, in whatever process that is.

    Without `url` and `token` those of QUARRY_URL and QUARRY_TOKEN are taken there.
    """
    query["fields"] = _ASKED
    return datasets.IterableDataset.from_generator(
        _rows, features=FEATURES, gen_kwargs={"url": url, "token": token, "query": query}
    )


def _rows(url: str | None, token: str | None, query: TaskQuery) -> Iterator[dict[str, Any]]:
    with Quarry(url, token) as quarry:
        for task in quarry.stream(**query):
            yield _row(task.model_dump())


def _row(task: dict[str, Any]) -> dict[str, Any]:
    statement = task["statement"] or {"issue": "", "hints": ""}
    told = {"problem_statement": statement["issue"], "hints_text": statement["hints"]}
    return {name: told[name] if name in told else task[name] for name in FEATURES}
