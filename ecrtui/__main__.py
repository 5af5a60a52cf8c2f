"""`python -m ecrtui`."""

from __future__ import annotations

import sys

from ecrtui.cli import main

if __name__ == "__main__":
    sys.exit(main())
