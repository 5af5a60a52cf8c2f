"""The entry: starts the app or one headless command, and turns every end into an exit code.

Exit codes: 0 fine, 1 findings or a failed build, 2 usage, 3 credentials, 4 denied, 5 service, network or a
fault of our own, 130 interrupted, 141 the reader of our output went away.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Sequence

from ecrtui.domain.errors import AppError
from ecrtui.streams import all_terminals, can_draw, open_closed_streams, output_gone

INTERRUPTED, OWN_FAULT, OUTPUT_UNWRITABLE = 130, 5, 5
_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program with these arguments (default: the process's) and return its exit code."""
    # What libraries log they also raise; without a handler logging would print it, tracebacks and all.
    logging.getLogger().addHandler(logging.NullHandler())
    open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        return _run(sys.argv[1:] if arguments is None else list(arguments))
    except KeyboardInterrupt:
        return INTERRUPTED
    except AppError as error:
        from ecrtui.headless.printers import report

        report(error)
        return error.exit_code
    except OSError as error:
        if error.errno not in _UNWRITABLE or error.filename is not None:
            return _own_fault(error)
        output_gone()
        from ecrtui.headless.printers import note

        note(f"cannot write the output: {error.strerror}. Make room there, or write it elsewhere.")
        return OUTPUT_UNWRITABLE
    except Exception as error:  # noqa: BLE001 - the last door: a sentence instead of a traceback with its secrets
        return _own_fault(error)


def _run(arguments: list[str]) -> int:
    """The app at once where nothing else is asked for, else what the command line says."""
    demo = arguments in (["demo"], ["--demo"])
    if (demo or not arguments) and all_terminals() and can_draw(os.environ) and "_ECRTUI_COMPLETE" not in os.environ:
        from ecrtui.composition import start_app
        from ecrtui.settings.layers import load

        settings = load({}, os.environ)
        return start_app(settings.without_account() if demo else settings, demo)
    from ecrtui.commandline import run

    return run(arguments)


def _own_fault(error: Exception) -> int:
    from ecrtui.crash import sentence
    from ecrtui.headless.printers import note

    note(f"this is a fault of ecrtui itself: {sentence(error)}. Please report it.")
    return OWN_FAULT
