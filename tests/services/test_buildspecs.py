"""Buildspecs that can be read: inline, in S3, and those that cannot."""

from __future__ import annotations

import pytest
from memory import MemoryAccount, a_project

from ecrtui.domain.buildspec import BuildspecKind
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.services.buildspecs import read_buildspec

ARN = "arn:aws:s3:::specs/pet-web.yml"
TEXT = "version: 0.2\nphases:\n  build:\n    commands:\n      - docker push x/y:1\n"


async def test_one_in_s3_is_read_with_its_lines() -> None:
    account = MemoryAccount(buildspecs={ARN: TEXT})
    project = a_project("pet-web", buildspec=ARN)
    spec = await read_buildspec(account.builds(project.region), project)
    assert (spec.kind, spec.location, spec.seen) == (BuildspecKind.S3, ARN, True)
    assert [(command.line, command.text) for command in spec.commands] == [(5, "docker push x/y:1")]


@pytest.mark.parametrize("buildspec", ["", "ci/build.yml", TEXT])
async def test_others_take_no_call(buildspec: str) -> None:
    account = MemoryAccount()
    project = a_project("pet-web", buildspec=buildspec)
    spec = await read_buildspec(account.builds(project.region), project)
    assert spec.seen == (buildspec == TEXT)
    assert account.calls == []


async def test_one_that_may_not_be_read_is_an_error() -> None:
    account = MemoryAccount(buildspecs={ARN: TEXT})
    account.faults.deny("s3:GetObject")
    project = a_project("pet-web", buildspec=ARN)
    with pytest.raises(AppError) as caught:
        await read_buildspec(account.builds(project.region), project)
    assert (caught.value.kind, caught.value.action) == (ErrorKind.DENIED, "s3:GetObject")
