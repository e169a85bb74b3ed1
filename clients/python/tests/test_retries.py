"""What is sent again, when, and what is told in the end."""

from __future__ import annotations

import asyncio
import datetime
import json

import httpx
import pytest

from played import Played, async_client, client, problem
from quarry_client import ApiError, BadRequest, ConnectionFailed, FieldProblem, TooManyRequests, UnexpectedAnswer
from quarry_client.errors import retry_after_of

PAGE = {"tasks": [{"task": "acme__shop-1", "revision": 1}], "next_cursor": None, "as_of": 7}


def test_waits_as_long_as_the_server_says_and_longer_each_time_where_it_says_nothing(pauses: list[float]) -> None:
    played = Played(
        [
            problem(429, retry_after=17),
            problem(503),
            httpx.ConnectError("refused"),
            httpx.Response(200, json=PAGE),
        ]
    )
    with client(played) as quarry:
        assert quarry.tasks(language="python").as_of == 7
    assert pauses == [17, 1.0, 2.0]
    assert {request.content for request in played.asked} == {b'{"language":"python"}'}
    assert played.asked[0].headers["authorization"] == "Bearer secret"


def test_the_asynchronous_client_does_the_same(pauses: list[float]) -> None:
    played = Played([problem(429, retry_after=17), httpx.ReadTimeout("slow"), httpx.Response(200, json=PAGE)])

    async def ask() -> int:
        async with async_client(played) as quarry:
            return (await quarry.tasks()).as_of

    assert asyncio.run(ask()) == 7
    assert pauses == [17, 1.0]


def test_what_is_sent_again_has_the_same_key_and_another_request_another(pauses: list[float]) -> None:
    accepted = httpx.Response(201, json={"stored": 0})
    played = Played([problem(503), accepted, httpx.Response(202, json={"grades": []})])
    with client(played) as quarry:
        from quarry_client import Outcome

        quarry.report([Outcome(task="a__b-1", consumer="c", model="m", solved=True)])
        quarry.submit([("a__b-1", "")])
    keys = [request.headers["idempotency-key"] for request in played.asked]
    assert keys[0] == keys[1] != keys[2]
    assert len(pauses) == 1


def test_gives_up_with_the_server_s_own_words(pauses: list[float]) -> None:
    played = Played([problem(429, retry_after=1)] * 3)
    with client(played, attempts=3) as quarry, pytest.raises(TooManyRequests) as raised:
        quarry.tasks()
    assert raised.value.retry_after == 1
    assert len(pauses) == 2
    unreachable = Played([httpx.ConnectError("refused")] * 3)
    with client(unreachable, attempts=3) as quarry, pytest.raises(ConnectionFailed):
        quarry.tasks()


def test_a_server_that_wants_too_much_time_is_not_waited_for(pauses: list[float]) -> None:
    with client(Played([problem(503, retry_after=86_400)])) as quarry, pytest.raises(ApiError):
        quarry.tasks()
    assert pauses == []


def test_a_wrong_request_is_not_sent_again_and_names_its_fields(pauses: list[float]) -> None:
    errors = [{"field": "limit", "problem": "is 0", "mend": "give 1 to 1000"}]
    played = Played([problem(400, title="the request is wrong", errors=errors)])
    with client(played) as quarry, pytest.raises(BadRequest) as raised:
        quarry.tasks(limit=0)
    error = raised.value
    assert (error.status, error.title, error.detail) == (400, "the request is wrong", "why")
    assert error.type == "urn:quarry:problem:400"
    assert error.errors == (FieldProblem("limit", "is 0", "give 1 to 1000"),)
    assert pauses == []


def test_a_proxy_s_page_is_an_error_of_its_own(pauses: list[float]) -> None:
    page = httpx.Response(200, text="<html>welcome</html>")
    with client(Played([page])) as quarry, pytest.raises(UnexpectedAnswer):
        quarry.tasks()
    gone = httpx.Response(410, text="<html>gone</html>")
    with client(Played([gone])) as quarry, pytest.raises(ApiError) as raised:
        quarry.tasks()
    assert raised.value.detail == "<html>gone</html>"
    assert pauses == []


def test_retry_after_is_seconds_or_a_date() -> None:
    now = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
    assert retry_after_of("120") == 120
    assert retry_after_of("Mon, 01 Jan 2024 00:01:00 GMT", now) == 60
    assert retry_after_of("Sun, 31 Dec 2023 00:00:00 GMT", now) == 0
    assert retry_after_of("soon") is None
    assert retry_after_of(None) is None


def test_filters_go_out_as_json_takes_them() -> None:
    played = Played([httpx.Response(200, json=PAGE)])
    zone = datetime.timezone(datetime.timedelta(hours=2))
    with client(played) as quarry:
        quarry.tasks(
            language=["python", "go"],
            cutoff=datetime.date(2024, 5, 1),
            merged_after=datetime.datetime(2024, 5, 1, 12, tzinfo=zone),
            fields=["title"],
            limit=5,
        )
    assert json.loads(played.asked[0].content) == {
        "language": ["python", "go"],
        "cutoff": "2024-05-01",
        "merged_after": "2024-05-01T12:00:00+02:00",
        "fields": ["title", "task", "revision"],
        "limit": 5,
    }
    with client(Played([])) as quarry, pytest.raises(ValueError, match="zone"):
        quarry.tasks(merged_after=datetime.datetime(2024, 5, 1, 12))
