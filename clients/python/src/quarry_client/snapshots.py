"""Snapshots: checked by their digest, and unpacked so that nothing can leave its folder."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets
import shutil
import stat
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from .errors import ArchiveError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_CHUNK = 1 << 20


def digest_of(headers: dict[str, str]) -> bytes:
    """The sha256 that the header Repr-Digest (RFC 9530) names."""
    found = re.search(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]+):", headers.get("repr-digest", ""))
    if found is None:
        raise ArchiveError("the answer names no sha-256 in its header Repr-Digest")
    return base64.b64decode(found.group(1))


def verify(archive: Path, digest: bytes) -> None:
    """Raises `ArchiveError` where a file's sha256 is another."""
    hashed = hashlib.sha256()
    with archive.open("rb") as file:
        while chunk := file.read(_CHUNK):
            hashed.update(chunk)
    if hashed.digest() != digest:
        raise ArchiveError(f"the bytes that came are not those of sha256 {digest.hex()}")


@contextmanager
def folder_to_be(folder: Path) -> Iterator[Path]:
    """A scratch folder beside one that is empty or not there yet, and that becomes it once all went well."""
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise FileExistsError(f"{folder} is not an empty folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = folder.with_name(f".{folder.name}.{secrets.token_hex(6)}")
    scratch.mkdir(mode=0o700)
    try:
        yield scratch
    finally:
        _remove(scratch)


def take_place(tree: Path, folder: Path) -> None:
    """Gives an unpacked tree its name, in one step."""
    if folder.exists():
        folder.rmdir()
    # To rename a folder asks for the right to write in it.
    mode = stat.S_IMODE(tree.stat().st_mode)
    times = tree.stat()
    tree.rename(folder)
    folder.chmod(mode)
    os.utime(folder, ns=(times.st_atime_ns, times.st_mtime_ns))


def unpack(archive: Path, folder: Path, commit: str | None = None) -> None:
    """Unpacks a tar.zst of a snapshot into a new folder: files, links and folders as they are, with their modes and times.

    Links may point anywhere, as in any git work tree; but they are made last, and nothing is written through one. Raises
    `ArchiveError` for anything else: a name outside, a device, a name that comes twice, or another commit than `commit`.
    """
    folder.mkdir(mode=0o755)
    links: list[tarfile.TarInfo] = []
    folders: list[tarfile.TarInfo] = []
    seen: set[PurePosixPath] = set()
    try:
        with (
            zstd.open(archive, "rb") as plain,
            tarfile.open(fileobj=plain, mode="r|", encoding="utf-8") as tar,
        ):
            for member in tar:
                path = _safe(member.name)
                if path in seen:
                    raise ArchiveError(f"{member.name!r} is in the archive twice")
                seen.add(path)
                if member.issym():
                    links.append(member)
                elif member.isdir():
                    (folder / path).mkdir(parents=True, exist_ok=True)
                    folders.append(member)
                elif member.isreg():
                    _write(tar, member, folder / path)
                else:
                    raise ArchiveError(f"{member.name!r} is neither a file nor a link nor a folder")
        _make_links(links, folder)
    except (tarfile.TarError, zstd.ZstdError, EOFError) as error:
        raise ArchiveError(f"the archive can't be read: {error}") from error
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise ArchiveError(f"two names of the archive are in each other's way: {error}") from error
    for member in reversed(folders):
        _settle(folder / _safe(member.name), member)
    if commit is not None:
        _expect_commit(folder, commit)


def _safe(name: str) -> PurePosixPath:
    """The path of a member below the folder; `.` for the folder itself."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise ArchiveError(f"{name!r} is outside of the snapshot")
    return path


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    source = tar.extractfile(member)
    if source is None:
        raise ArchiveError(f"{member.name!r} has no content")
    target.parent.mkdir(parents=True, exist_ok=True)
    # "x": what is there is never written over, nor through.
    with source, target.open("xb") as file:
        shutil.copyfileobj(source, file, _CHUNK)
    _settle(target, member)


def _make_links(links: list[tarfile.TarInfo], folder: Path) -> None:
    places = {_safe(link.name) for link in links}
    for link in links:
        path = _safe(link.name)
        if places.intersection(path.parents):
            raise ArchiveError(f"{link.name!r} lies behind a link")
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(link.linkname)
        os.utime(target, (link.mtime, link.mtime), follow_symlinks=False)


def _settle(path: Path, member: tarfile.TarInfo) -> None:
    path.chmod(member.mode & 0o777)
    os.utime(path, (member.mtime, member.mtime))


def _expect_commit(folder: Path, commit: str) -> None:
    head = (folder / ".git" / "refs" / "heads" / "main").read_text(encoding="ascii").strip()
    if head != commit:
        raise ArchiveError(f"the snapshot's commit is {head}, and not {commit}")


def _remove(folder: Path) -> None:
    """Also where folders of the snapshot may not be written in."""
    for path, _, _ in os.walk(folder):
        Path(path).chmod(0o700)
    shutil.rmtree(folder)
