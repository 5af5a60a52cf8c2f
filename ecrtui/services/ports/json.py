"""What is passed on as AWS sent it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]
"""A JSON object as AWS sent it (instants as ISO 8601 strings)."""
