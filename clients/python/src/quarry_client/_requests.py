"""What both clients send, and how they read the answers: nothing here touches the network."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import httpx
import pydantic

from .errors import ConnectionFailed, UnexpectedAnswer
from .models import Outcome, TaskIdentity

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)

MOST_GRADES = 256
MOST_OUTCOMES = 1000
_MOST_BYTES = 12 * 2**20
"""Of the patches of one request; the server takes 16 MiB of JSON."""

LONGEST_WAIT = 60
"""Seconds that one request waits for a grade."""


def endpoint(url: str | None, token: str | None) -> tuple[str, str]:
    """The address and token that were given, or those of QUARRY_URL and QUARRY_TOKEN."""
    url = url or os.environ.get("QUARRY_URL")
    token = token or os.environ.get("QUARRY_TOKEN")
    if not url or not token:
        raise ValueError("give an address and a token, or set QUARRY_URL and QUARRY_TOKEN")
    return url.rstrip("/"), token


def name_of(task: str | TaskIdentity) -> str:
    """A task's name as the API takes it: of a task that was listed, with its revision."""
    return task if isinstance(task, str) else task.id


def task_path(task: str | TaskIdentity, part: str = "") -> str:
    """The path of a task, or of a part of one."""
    return f"/v1/tasks/{quote(name_of(task), safe='@')}{part}"


def read(model: type[ModelT], response: httpx.Response) -> ModelT:
    """An answer as its type."""
    return read_json(model, response.content)


def read_json(model: type[ModelT], text: bytes | str) -> ModelT:
    """JSON as its type. Raises `UnexpectedAnswer` where it is no such thing."""
    try:
        return model.model_validate_json(text)
    except pydantic.ValidationError as error:
        raise UnexpectedAnswer(f"this is no {model.__name__}: {error}") from error


def present(**values: object) -> dict[str, object]:
    """Without what is None."""
    return {name: value for name, value in values.items() if value is not None}


def order(task: str | TaskIdentity, patch: str | bytes) -> dict[str, str]:
    """A patch to be graded: as text where it is text, as base64 where it is not."""
    if isinstance(patch, bytes):
        try:
            text = patch.decode()
        except UnicodeDecodeError:
            return {"task": name_of(task), "patch_base64": base64.b64encode(patch).decode()}
    else:
        text = patch
    return {"task": name_of(task), "patch": text}


def batches(orders: Iterable[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    """Orders in requests that the server takes: neither too many nor too large."""
    batch: list[dict[str, str]] = []
    size = 0
    for each in orders:
        length = sum(len(value.encode("utf-8", "surrogatepass")) for value in each.values())
        if batch and (len(batch) >= MOST_GRADES or size + length > _MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(each)
        size += length
    if batch:
        yield batch


def outcome_batches(outcomes: Iterable[Outcome]) -> Iterator[list[dict[str, object]]]:
    """Outcomes in requests that the server takes."""
    bodies = [outcome.model_dump(mode="json", exclude_none=True) for outcome in outcomes]
    for at in range(0, len(bodies), MOST_OUTCOMES):
        yield bodies[at : at + MOST_OUTCOMES]


def unreachable(url: str, error: httpx.TransportError) -> ConnectionFailed:
    """Said once every retry is used up."""
    return ConnectionFailed(f"{url} was not reached, or the connection broke: {error or type(error).__name__}")


class Download:
    """A file that comes in parts: each request asks for what is missing, as long as it is the same file."""

    def __init__(self, path: Path) -> None:
        """Begins anew, whatever is there."""
        self._file = path.open("wb")
        self._etag: str | None = None

    def __enter__(self) -> Download:
        """Closes the file at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes the file."""
        self._file.close()

    def headers(self) -> dict[str, str]:
        """Of the next request."""
        plain = {"accept-encoding": "identity"}
        if self._etag is None or self._file.tell() == 0:
            return plain
        return {**plain, "range": f"bytes={self._file.tell()}-", "if-range": self._etag}

    def begin(self, response: httpx.Response) -> None:
        """Takes an answer's headers: a part goes on, anything else is the file from its start."""
        at = re.match(r"bytes (\d+)-", response.headers.get("content-range", ""))
        if response.status_code != httpx.codes.PARTIAL_CONTENT:
            self._file.seek(0)
            self._file.truncate()
        elif at is None or int(at.group(1)) != self._file.tell():
            raise UnexpectedAnswer("another part came than was asked for")
        etag = response.headers.get("etag", "")
        self._etag = etag if etag.startswith('"') else None

    def write(self, chunk: bytes) -> None:
        """Adds what came."""
        self._file.write(chunk)


def merged(query: Mapping[str, object], **more: object) -> dict[str, object]:
    """A query with what the client adds to it."""
    return {**query, **present(**more)}
