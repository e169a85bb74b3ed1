"""What goes wrong, as types: nobody has to read a message."""

from __future__ import annotations

import datetime
import email.utils
from collections.abc import Mapping
from dataclasses import dataclass

import httpx


class QuarryError(Exception):
    """The base of every error of this package."""


class ConnectionFailed(QuarryError):
    """The server was not reached, or the connection broke, however often it was tried. `__cause__` has the last failure."""


class UnexpectedAnswer(QuarryError):
    """An answer that the API's document does not know: a proxy's page, or a server of another version."""


class ArchiveError(QuarryError):
    """A snapshot that is not what the server said it is, or that would write outside of its folder."""


class GradeNotDone(QuarryError):
    """The time given to wait for a grade is over. It goes on: ask again by its id."""


class LeaseLost(QuarryError):
    """The lease ended before its holder did: others may have its tasks by now."""


@dataclass(frozen=True)
class FieldProblem:
    """A field of a request that is wrong, and the mend."""

    field: str
    problem: str
    mend: str


class ApiError(QuarryError):
    """The server said no: an RFC 9457 problem document, field by field."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        *,
        type: str = "about:blank",  # noqa: A002 - the document's own name
        errors: tuple[FieldProblem, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        """Takes the document's fields, and the seconds of the header Retry-After."""
        super().__init__(f"{status} {title}: {detail}")
        self.status = status
        self.type = type
        self.title = title
        self.detail = detail
        self.errors = errors
        self.retry_after = retry_after


class BadRequest(ApiError):
    """400: `errors` names the fields and the mends."""


class Unauthorized(ApiError):
    """401: the token is missing, unknown, expired or revoked."""


class NotFound(ApiError):
    """404: it is not there, or not for this token."""


class Conflict(ApiError):
    """409: the state of things forbids it, such as a lease that is over."""


class PreconditionFailed(ApiError):
    """412: it is another file by now."""


class TooLarge(ApiError):
    """413: a patch, or a batch, is larger than what is taken."""


class TooManyRequests(ApiError):
    """429, still after every retry."""


class Unavailable(ApiError):
    """503, still after every retry: the database is away, or the server stops."""


_by_status: Mapping[int, type[ApiError]] = {
    400: BadRequest,
    401: Unauthorized,
    404: NotFound,
    409: Conflict,
    412: PreconditionFailed,
    413: TooLarge,
    429: TooManyRequests,
    503: Unavailable,
}


def error_of(response: httpx.Response) -> ApiError:
    """The error that a read response of 400 or above stands for."""
    kind = _by_status.get(response.status_code, ApiError)
    retry_after = retry_after_of(response.headers.get("retry-after"))
    document = _document_of(response)
    return kind(
        response.status_code,
        str(document.get("title", response.reason_phrase or "failed")),
        str(document.get("detail", response.text[:500])),
        type=str(document.get("type", "about:blank")),
        errors=_fields_of(document.get("errors")),
        retry_after=retry_after,
    )


def _document_of(response: httpx.Response) -> dict[str, object]:
    if "json" not in response.headers.get("content-type", ""):
        return {}
    try:
        document = response.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _fields_of(errors: object) -> tuple[FieldProblem, ...]:
    if not isinstance(errors, list):
        return ()
    return tuple(
        FieldProblem(str(each.get("field", "")), str(each.get("problem", "")), str(each.get("mend", "")))
        for each in errors
        if isinstance(each, dict)
    )


def retry_after_of(value: str | None, now: datetime.datetime | None = None) -> float | None:
    """Seconds of a Retry-After header, which is a number or a date; None where there is none, or no such thing."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        at = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=datetime.timezone.utc)
    return max(0.0, (at - (now or datetime.datetime.now(datetime.timezone.utc))).total_seconds())
