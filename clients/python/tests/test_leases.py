"""A lease as a block: completed at its end, given back after an error, renewed meanwhile, and never lost unseen."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any, ClassVar

import httpx
import pytest

from played import Played, async_client, client, problem
from quarry_client import Conflict, LeaseLost
from quarry_client._pause import AsyncRepeated, Repeated


def lease(*states: str, expired: bool = False) -> dict[str, Any]:
    names = [f"acme__shop-{number}" for number in range(1, len(states) + 1)]
    return {
        "lease": "l1",
        "consumer": "trainer",
        "attempts": 1,
        "state": "expired" if expired else "open",
        "created_at": "2024-01-01T00:00:00Z",
        "expires_at": "2024-01-01T01:00:00Z",
        "tasks": [
            {"task": name, "revision": 2, "content_hash": "sha256:1", "lease_state": state}
            for name, state in zip(names, states, strict=True)
        ],
    }


def taken(*states: str) -> httpx.Response:
    return httpx.Response(201, json=lease(*states))


def now(*states: str) -> httpx.Response:
    return httpx.Response(200, json=lease(*states))


def paths(played: Played) -> list[str]:
    return [request.url.path for request in played.asked]


def over() -> httpx.Response:
    return problem(409, errors=[{"field": "lease", "problem": "it expired", "mend": "lease again"}])


def test_is_completed_at_the_end_with_what_was_asked(pauses: list[float]) -> None:
    played = Played([taken("leased", "leased"), now("completed", "leased"), now("completed", "completed")])
    with client(played) as quarry, quarry.lease("trainer", 2, ttl_seconds=600, language="go") as held:
        assert [task.id for task in held] == ["acme__shop-1@2", "acme__shop-2@2"]
        held.complete(held.tasks[0])
    assert paths(played) == ["/v1/leases", "/v1/leases/l1/complete", "/v1/leases/l1/complete"]
    asked = [json.loads(request.content) for request in played.asked]
    assert asked[0] == {"consumer": "trainer", "count": 2, "ttl_seconds": 600, "attempts": 1, "filter": {"language": "go"}}
    assert asked[1:] == [{"tasks": ["acme__shop-1@2"]}, {}]
    assert pauses == []


def test_is_given_back_after_an_error_which_is_what_is_seen(pauses: list[float]) -> None:
    played = Played([taken("leased"), over()])
    with client(played) as quarry, pytest.raises(ZeroDivisionError), quarry.lease("trainer", 1) as held:
        assert len(held) == 1
        raise ZeroDivisionError
    assert paths(played)[-1] == "/v1/leases/l1/release"
    assert pauses == []


def test_the_asynchronous_one_does_the_same(pauses: list[float]) -> None:
    async def use(played: Played) -> None:
        async with async_client(played) as quarry, quarry.lease("trainer", 1) as held:
            assert [task.task for task in held] == ["acme__shop-1"]

    played = Played([taken("leased"), now("completed")])
    asyncio.run(use(played))
    assert paths(played) == ["/v1/leases", "/v1/leases/l1/complete"]
    assert pauses == []


def test_one_that_is_empty_or_settled_asks_for_nothing_more(pauses: list[float]) -> None:
    empty = Played([taken()])
    with client(empty) as quarry, quarry.lease("trainer", 1) as held:
        assert held.tasks == ()
    settled = Played([taken("leased"), now("released")])
    with client(settled) as quarry, quarry.lease("trainer", 1) as held:
        held.release(held.tasks[0])
    assert (len(empty.asked), len(settled.asked)) == (1, 2)
    assert pauses == []


def test_one_that_was_over_is_not_taken_for_completed(pauses: list[float]) -> None:
    with client(Played([taken("leased"), over()])) as quarry, pytest.raises(LeaseLost), quarry.lease("trainer", 1):
        pass
    twice = problem(409, errors=[{"field": "tasks[0]", "problem": "was completed before", "mend": "leave it out"}])
    played = Played([taken("leased"), twice, now("released")])
    with client(played) as quarry, pytest.raises(Conflict), quarry.lease("trainer", 1) as held:
        held.complete("acme__shop-1")
    assert paths(played)[-1] == "/v1/leases/l1/release"
    assert pauses == []


class AtOnce:
    """Stands in for the thread: does what it is given at once, as often as it wants."""

    seconds: ClassVar[list[float]] = []

    def __init__(self, seconds: float, work: Callable[[], bool]) -> None:
        self.seconds.append(seconds)
        for _ in range(3):
            if not work():
                return

    def stop(self) -> None:
        """Nothing is under way."""


def test_is_renewed_at_a_third_of_its_time_whatever_fails_between(
    monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    monkeypatch.setattr("quarry_client._sync_lease.Repeated", AtOnce)
    played = Played([taken("leased"), now("leased"), problem(500), now("leased"), now("completed")])
    with client(played) as quarry, quarry.lease("trainer", 1, ttl_seconds=900):
        pass
    assert AtOnce.seconds == [300]
    assert paths(played)[1:] == [*["/v1/leases/l1/renew"] * 3, "/v1/leases/l1/complete"]
    assert json.loads(played.asked[1].content) == {"ttl_seconds": 900}
    assert pauses == []


def test_renewing_ends_with_a_lease_that_is_over(monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> None:
    monkeypatch.setattr("quarry_client._sync_lease.Repeated", AtOnce)
    played = Played([taken("leased"), over(), over()])
    with client(played) as quarry, pytest.raises(LeaseLost), quarry.lease("trainer", 1):
        pass
    assert paths(played)[1:] == ["/v1/leases/l1/renew", "/v1/leases/l1/complete"]
    assert pauses == []


def test_what_is_repeated_goes_on_until_it_says_so_or_is_stopped() -> None:
    called = threading.Semaphore(0)
    left = [True, True, False]

    def work() -> bool:
        called.release()
        return left.pop(0)

    repeated = Repeated(0, work)
    for _ in range(3):
        called.acquire()
    repeated.stop()
    assert left == []

    async def stopped() -> int:
        times = 0
        more = asyncio.Event()

        async def again() -> bool:
            nonlocal times
            times += 1
            more.set()
            return True

        endless = AsyncRepeated(0, again)
        await more.wait()
        await endless.stop()
        return times

    assert asyncio.run(stopped()) >= 1
