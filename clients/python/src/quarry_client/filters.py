"""What to ask tasks by. Every name is optional, all must hold; a list means any of them, but for flags."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Literal

from typing_extensions import Required, TypedDict

When = str | datetime.date
"""A day (`2024-05-01`), a time in ISO 8601, or the like of it as an object."""

Sort = Literal[
    "newest",
    "oldest",
    "merged",
    "-merged",
    "lines",
    "-lines",
    "difficulty",
    "-difficulty",
    "solve_rate",
    "-solve_rate",
]


class TaskFilter(TypedDict, total=False):
    """Which tasks."""

    repository: str | Sequence[str]
    owner: str | Sequence[str]
    language: str | Sequence[str]
    framework: str | Sequence[str]
    miner: str | Sequence[str]
    ecosystem: str | Sequence[str]
    licence: str | Sequence[str]
    merged_after: When
    merged_before: When
    vetted_after: When
    vetted_before: When
    cutoff: When
    fail_to_pass_min: int
    fail_to_pass_max: int
    files_min: int
    files_max: int
    lines_min: int
    lines_max: int
    difficulty_min: int
    difficulty_max: int
    solve_rate_min: float
    solve_rate_max: float
    attempts_min: int
    model: str
    flag: str | Sequence[str]
    without_flag: str | Sequence[str]
    text: str
    exclude: str | Sequence[str]
    exclude_repository: str | Sequence[str]


class ExportQuery(TaskFilter, total=False):
    """Which tasks, in which order, and as of when."""

    sort: Sort
    as_of: int | When
    ended_since: int | When


class TaskQuery(ExportQuery, total=False):
    """Which tasks, in which order, as of when, and what of each."""

    fields: Sequence[str]


class LeaseRequest(TypedDict, total=False):
    """What `create_lease` takes."""

    consumer: Required[str]
    count: Required[int]
    ttl_seconds: int
    attempts: int
    again_after_seconds: int
    filter: TaskFilter


class LedgerQuery(TypedDict, total=False):
    """Which candidates of the ledger."""

    repository: str
    state: Literal["proposed", "vetted", "refused", "fault"]
    reason: str


class RepositoryQuery(TypedDict, total=False):
    """Which repositories."""

    owner: str
    state: Literal["active", "removed", "deleted"]


class SuspectQuery(TypedDict, total=False):
    """Which suspects."""

    min_patches: int
    repository: str


def as_json(query: Mapping[str, object]) -> dict[str, object]:
    """A filter or query as a JSON body takes it: times as text, single words as they are, nothing for None."""
    plain = {name: _plain(value) for name, value in query.items() if value is not None}
    fields = plain.get("fields")
    if isinstance(fields, list):
        # By these tasks are told apart.
        plain["fields"] = list(dict.fromkeys([*fields, "task", "revision"]))
    return plain


def _plain(value: object) -> object:
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            raise ValueError("a time needs its zone: give it a tzinfo")
        return value.isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    return value
