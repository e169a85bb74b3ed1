"""A server that is played: answers in their order, and what was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field

import httpx
import pytest

from quarry_client import AsyncQuarry, Quarry, _pause
from quarry_client._retries import RetryPolicy

Answer = httpx.Response | httpx.TransportError | Callable[[httpx.Request], httpx.Response]


@dataclass
class Played:
    """Gives each answer once."""

    answers: list[Answer]
    asked: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, httpx.TransportError):
            raise answer
        return answer if isinstance(answer, httpx.Response) else answer(request)


class Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that breaks off after some parts."""

    def __init__(self, *parts: bytes) -> None:
        self.parts = parts

    def __iter__(self) -> Iterator[bytes]:
        yield from self.parts
        raise httpx.ReadError("broken off")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self.parts:
            yield part
        raise httpx.ReadError("broken off")


def client(played: Played, **retries: float) -> Quarry:
    policy = RetryPolicy(random=lambda: 1.0, **retries)  # type: ignore[arg-type]
    return Quarry("http://played", "secret", retries=policy, transport=httpx.MockTransport(played))


def async_client(played: Played) -> AsyncQuarry:
    policy = RetryPolicy(random=lambda: 1.0)
    return AsyncQuarry("http://played", "secret", retries=policy, transport=httpx.MockTransport(played))


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """No test waits: what would have been waited is told."""
    told: list[float] = []

    async def told_async(seconds: float) -> None:
        await asyncio.sleep(0)
        told.append(seconds)

    monkeypatch.setattr("quarry_client._sync.pause", told.append)
    monkeypatch.setattr("quarry_client._async.async_pause", told_async)
    assert _pause.pause is not told.append
    return told


def problem(status: int, **more: object) -> httpx.Response:
    headers = {"content-type": "application/problem+json"}
    if "retry_after" in more:
        headers["retry-after"] = str(more.pop("retry_after"))
    document = {"type": f"urn:quarry:problem:{status}", "title": "no", "status": status, "detail": "why", "errors": []}
    return httpx.Response(status, headers=headers, json={**document, **more})
