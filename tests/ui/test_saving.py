"""New files: for their owner alone, and whole or not at all."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from ecrtui.ui.actions.saving import write_new


@pytest.mark.fault("F86")
def test_a_file_is_for_its_owner_alone_and_is_never_another(tmp_path: Path) -> None:
    former = os.umask(0)
    try:
        write_new(tmp_path / "log", "\x1b raw \ud800\r\n")
    finally:
        os.umask(former)
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "log").read_bytes() == b"\x1b raw \\ud800\r\n"
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "log", "other")
    assert (tmp_path / "log").stat().st_size > 6


@pytest.mark.fault("F89")
def test_on_a_full_disk_no_half_file_stays(tmp_path: Path) -> None:
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, former[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_new(tmp_path / "log", "x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)
    assert [*tmp_path.iterdir()] == []
