"""Writes the blocking client out of the one for asyncio: `python scripts/make_sync.py`, or `--check` to compare alone."""

from __future__ import annotations

import re
import sys
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src" / "quarry_client"
MADE = {"_async.py": "_sync.py", "_async_lease.py": "_sync_lease.py"}

WORDS: list[tuple[str, str]] = [
    (
        r"\"\"\"The client for asyncio\. .*?\"\"\"",
        '"""The blocking client: made from `_async.py` by `scripts/make_sync.py`."""',
    ),
    (
        r"\"\"\"A lease as a block of code\. .*?\"\"\"",
        '"""A lease as a block of code: made from `_async_lease.py` by `scripts/make_sync.py`."""',
    ),
    (r"\basync (def|with|for)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\bAsync(?=Quarry|Lease|Repeated|Iterator)", ""),
    (r"\bhttpx\.Async(Client|BaseTransport)", r"httpx.\1"),
    (r"\basynccontextmanager\b", "contextmanager"),
    (r"\basync_(pause|in_thread)\b", r"\1"),
    (r"\b__a(enter|exit)__\b", r"__\1__"),
    (r"\ba(close|read|iter_lines|iter_bytes)\b", r"\1"),
    (r"\b_async(?=_lease\b|\b)", "_sync"),
]


def made(text: str) -> str:
    """The blocking twin of a file."""
    for pattern, replacement in WORDS:
        text = re.sub(pattern, replacement, text, flags=re.DOTALL)
    return text


def main(check: bool) -> int:
    """Writes the files, or tells which are not up to date. Gives the exit code."""
    stale = []
    for source, target in MADE.items():
        text = made((SOURCE / source).read_text(encoding="utf-8"))
        if check and (SOURCE / target).read_text(encoding="utf-8") != text:
            stale.append(target)
        elif not check:
            (SOURCE / target).write_text(text, encoding="utf-8")
    for target in stale:
        print(f"{target} is not made from what is there: run scripts/make_sync.py", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
