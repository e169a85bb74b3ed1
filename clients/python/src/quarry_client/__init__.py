"""Query, lease, check out, grade and report: the Python client of Quarry's HTTP API.

`Quarry` is the client, `AsyncQuarry` the same for asyncio. Both retry what is safe to ask again, and raise a
`QuarryError` for everything else.
"""

from ._async import AsyncQuarry
from ._async_lease import AsyncLease
from ._sync import Quarry
from ._sync_lease import Lease
from .errors import (
    ApiError,
    ArchiveError,
    BadRequest,
    Conflict,
    ConnectionFailed,
    FieldProblem,
    GradeNotDone,
    LeaseLost,
    NotFound,
    PreconditionFailed,
    QuarryError,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    UnexpectedAnswer,
)
from .filters import TaskFilter, TaskQuery
from .models import (
    Certificate,
    Grade,
    LeaseInfo,
    Outcome,
    Solution,
    SolveRate,
    Statement,
    Suspect,
    Task,
    TaskDetail,
    TaskEnvironment,
    TaskIdentity,
    TaskPage,
    TaskSolveRates,
    TaskTests,
    TaskVersions,
)

__all__ = [
    "ApiError",
    "ArchiveError",
    "AsyncLease",
    "AsyncQuarry",
    "BadRequest",
    "Certificate",
    "Conflict",
    "ConnectionFailed",
    "FieldProblem",
    "Grade",
    "GradeNotDone",
    "Lease",
    "LeaseInfo",
    "LeaseLost",
    "NotFound",
    "Outcome",
    "PreconditionFailed",
    "Quarry",
    "QuarryError",
    "Solution",
    "SolveRate",
    "Statement",
    "Suspect",
    "Task",
    "TaskDetail",
    "TaskEnvironment",
    "TaskFilter",
    "TaskIdentity",
    "TaskPage",
    "TaskQuery",
    "TaskSolveRates",
    "TaskTests",
    "TaskVersions",
    "TooLarge",
    "TooManyRequests",
    "Unauthorized",
    "Unavailable",
    "UnexpectedAnswer",
]
