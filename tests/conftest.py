"""What holds for all tests."""

from __future__ import annotations

import signal

# It is ignored in the background of a script, and the programs under test would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
