"""Snapshots: fetched whole, checked, and never written outside of their folder."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import os
import sys
import tarfile
from pathlib import Path

import httpx
import pytest

from played import Broken, Played, async_client, client
from quarry_client import ArchiveError
from quarry_client.snapshots import unpack

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

COMMIT = "c" * 40


def member(name: str, content: bytes = b"", **more: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    info.mtime = 978307200
    for key, value in more.items():
        setattr(info, key, value)
    return info, content


def link(name: str, target: str) -> tuple[tarfile.TarInfo, bytes]:
    return member(name, type=tarfile.SYMTYPE, linkname=target, mode=0o777)


def archive(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return zstd.compress(plain.getvalue())


def written(folder: Path, content: bytes) -> Path:
    file = folder / "archive"
    file.write_bytes(content)
    return file


GOOD = archive(
    member("./", type=tarfile.DIRTYPE, mode=0o755),
    member("./.git/refs/heads/main", f"{COMMIT}\n".encode()),
    member("./run.sh", b"#!/bin/sh\n", mode=0o755),
    member('./src/ünï "q"\n.js', b"odd\n", mode=0o644),
    member("./" + os.fsdecode(b"caf\xe9.txt"), b"latin\n", mode=0o644),
    link("./out", "../../../etc/passwd"),
    link("./nowhere", "not there"),
)


def test_unpacks_names_links_modes_and_times_as_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    unpack(written(tmp_path, GOOD), folder, COMMIT)
    assert (folder / "run.sh").stat().st_mode & 0o777 == 0o755
    assert (folder / 'src/ünï "q"\n.js').read_text() == "odd\n"
    assert (folder / os.fsdecode(b"caf\xe9.txt")).read_bytes() == b"latin\n"
    assert (folder / "out").readlink() == Path("../../../etc/passwd")
    assert (folder / "nowhere").is_symlink()
    assert (folder / "run.sh").stat().st_mtime == 978307200


@pytest.mark.parametrize(
    "members",
    [
        [member("../outside", b"x")],
        [member("/tmp/outside", b"x")],
        [link("a", ".."), member("a/outside", b"x")],
        [member("a/inside", b"x"), link("a", "..")],
        [link("a", ".."), link("a/outside", "x")],
        [member("twice", b"x"), member("twice", b"y")],
        [member("pipe", type=tarfile.FIFOTYPE)],
        [member("file", b"x"), member("hard", type=tarfile.LNKTYPE, linkname="../../etc/passwd")],
        [member("file", b"x"), member("file/below", b"y")],
    ],
)
def test_refuses_what_would_leave_its_folder(tmp_path: Path, members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    with pytest.raises(ArchiveError):
        unpack(written(tmp_path, archive(*members)), inner / "tree")
    assert not (inner / "outside").exists()
    assert not (tmp_path / "outside").exists()


def test_refuses_what_is_no_archive_or_another_commit(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError):
        unpack(written(tmp_path, b"no archive"), tmp_path / "a")
    with pytest.raises(ArchiveError):
        unpack(written(tmp_path, GOOD[:-20]), tmp_path / "b")
    with pytest.raises(ArchiveError, match="commit"):
        unpack(written(tmp_path, GOOD), tmp_path / "c", "d" * 40)


def headers(content: bytes) -> dict[str, str]:
    digest = hashlib.sha256(content)
    return {
        "etag": f'"sha256:{digest.hexdigest()}"',
        "repr-digest": f"sha-256=:{base64.b64encode(digest.digest()).decode()}:",
        "quarry-commit": COMMIT,
    }


def rest(request: httpx.Request) -> httpx.Response:
    """As a server answers a range."""
    assert request.headers["if-range"] == headers(GOOD)["etag"]
    first = int(request.headers["range"].removeprefix("bytes=").removesuffix("-"))
    part = {**headers(GOOD), "content-range": f"bytes {first}-{len(GOOD) - 1}/{len(GOOD)}"}
    return httpx.Response(206, headers=part, content=GOOD[first:])


def test_a_download_that_breaks_goes_on_where_it_was(tmp_path: Path, pauses: list[float]) -> None:
    played = Played([httpx.Response(200, headers=headers(GOOD), stream=Broken(GOOD[:100])), rest])
    with client(played) as quarry:
        folder = quarry.checkout("acme__shop-1", tmp_path / "work/shop")
    assert (folder / "run.sh").exists()
    assert [path.name for path in (tmp_path / "work").iterdir()] == ["shop"]
    assert played.asked[1].headers["range"] == "bytes=100-"
    assert len(pauses) == 1


def test_a_file_that_changed_meanwhile_comes_from_its_start(tmp_path: Path, pauses: list[float]) -> None:
    old = httpx.Response(200, headers={**headers(GOOD), "etag": '"old"'}, stream=Broken(b"old bytes"))
    played = Played([old, httpx.Response(200, headers=headers(GOOD), content=GOOD)])

    async def checkout() -> Path:
        async with async_client(played) as quarry:
            return await quarry.checkout("acme__shop-1", tmp_path / "shop")

    assert (asyncio.run(checkout()) / "run.sh").exists()
    assert len(pauses) == 1


def test_other_bytes_than_were_promised_leave_nothing(tmp_path: Path) -> None:
    played = Played([httpx.Response(200, headers=headers(b"other"), content=GOOD)])
    with client(played) as quarry, pytest.raises(ArchiveError, match="sha256"):
        quarry.checkout("acme__shop-1", tmp_path / "shop")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with client(Played([])) as quarry, pytest.raises(FileExistsError):
        quarry.checkout("acme__shop-1", tmp_path)
    assert (tmp_path / "mine").read_text() == "mine"
