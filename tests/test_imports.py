"""What is not needed is not imported: the program starts fast."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("textual", "rich", "botocore", "aiobotocore", "moto", "flask", "asyncio", "yaml")


def imported_by(statement: str) -> set[str]:
    """The top-level modules that are there after `statement` ran in a fresh interpreter."""
    code = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize(
    "statement",
    [
        "import ecrtui",
        "from ecrtui.cli import main\nassert main(['--version']) == 0",
        "from ecrtui.cli import main\nassert main(['completion', 'bash']) == 0",
    ],
)
def test_nothing_heavy_is_imported(statement: str) -> None:
    assert imported_by(statement).isdisjoint(HEAVY)


def test_a_policy_is_checked_without_the_aws_and_screen_libraries(tmp_path) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text("{}")
    statement = f"from ecrtui.cli import main\nmain(['lifecycle', 'validate', '--policy', {str(policy)!r}])"
    assert imported_by(statement).isdisjoint(HEAVY[:6])
