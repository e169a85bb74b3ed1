"""Many tasks, through pages and through one answer, whatever breaks on the way."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from played import Broken, Played, async_client, client, problem
from quarry_client import ConnectionFailed


def task(number: int) -> dict[str, object]:
    return {"task": f"acme__shop-{number}", "revision": 1}


def lines(*numbers: int) -> bytes:
    return b"".join(json.dumps(task(number)).encode() + b"\n" for number in numbers)


def page(numbers: list[int], cursor: str | None) -> httpx.Response:
    return httpx.Response(200, json={"tasks": [task(number) for number in numbers], "next_cursor": cursor, "as_of": 3})


def test_pages_follow_the_cursor_and_one_that_fails_is_asked_for_again(pauses: list[float]) -> None:
    played = Played([page([1, 2], "two"), problem(503), page([3], None)])
    with client(played) as quarry:
        assert [found.task for found in quarry.iterate(page_size=2)] == ["acme__shop-1", "acme__shop-2", "acme__shop-3"]
    assert [json.loads(request.content).get("cursor") for request in played.asked] == [None, "two", "two"]
    assert len(pauses) == 1


def test_a_stream_that_breaks_goes_on_without_giving_a_task_twice(pauses: list[float]) -> None:
    half = lines(1, 2, 3)
    played = Played(
        [
            httpx.Response(200, stream=Broken(half[:-10])),
            httpx.ConnectError("refused"),
            httpx.Response(200, content=lines(1, 2, 3, 4)),
        ]
    )
    with client(played) as quarry:
        assert [found.task for found in quarry.stream()] == [f"acme__shop-{number}" for number in (1, 2, 3, 4)]
    assert {request.headers["accept"] for request in played.asked} == {"application/x-ndjson"}
    assert len(pauses) == 2


def test_an_asynchronous_stream_does_the_same(pauses: list[float]) -> None:
    played = Played([httpx.Response(200, stream=Broken(lines(1, 2))), httpx.Response(200, content=lines(1, 2, 3))])

    async def names() -> list[str]:
        async with async_client(played) as quarry:
            return [found.id async for found in quarry.stream()]

    assert asyncio.run(names()) == ["acme__shop-1@1", "acme__shop-2@1", "acme__shop-3@1"]
    assert len(pauses) == 1


def test_a_stream_that_never_gets_on_is_given_up(pauses: list[float]) -> None:
    played = Played([httpx.Response(200, stream=Broken()) for _ in range(3)])
    with client(played, attempts=3) as quarry, pytest.raises(ConnectionFailed):
        list(quarry.stream())
    assert len(pauses) == 2
