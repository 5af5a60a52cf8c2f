"""A parent that waits beside the app; when the app is killed, it gives the terminal back and ends what is left.

No process can clean up after a SIGKILL or a fault of its own memory. The program therefore forks before anything
heavy is imported: the child becomes the app, in the same process group, the parent waits. Signals of the terminal
(a hang-up, another size) reach both; those sent to the parent alone are passed on.
"""

from __future__ import annotations

import os
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ecrtui import wards
from ecrtui.streams import all_terminals

RESTORE = "\x1b[?2004l\x1b[?7h\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l\x1b[0m"
"""What Textual's driver sends at an orderly end: paste, wrap, mouse, keyboard, screen, cursor, focus."""

_ENDING = (signal.SIGTERM, signal.SIGHUP)
_WAITED_FOR = {signal.SIGCHLD, signal.SIGTSTP, *_ENDING}
_LEFT_TO_THE_APP = (signal.SIGINT, signal.SIGQUIT)
_TOGETHER = 0.1
"""Seconds within which the app does what a signal of the shell or the terminal told both of us."""


def supervised(run: Callable[[], int]) -> int:
    """Run the app in a child and return its exit code; 128 and the signal's number when it was killed.

    Without a terminal there is nothing to give back: it then runs here.
    """
    if not all_terminals():
        return run()
    before = termios.tcgetattr(sys.stdin.fileno())
    former = signal.pthread_sigmask(signal.SIG_BLOCK, _WAITED_FOR)
    gone, held = os.pipe()
    wards.share()
    child = os.fork()
    if child == 0:
        os.close(held)
        signal.pthread_sigmask(signal.SIG_SETMASK, former)
        threading.Thread(target=_hang_up_with, args=(gone,), daemon=True, name="supervisor").start()
        code = run()
        with suppress(OSError):  # the terminal may be gone
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)  # all is closed; to take the interpreter apart would take half a second
    os.close(gone)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    for number in _LEFT_TO_THE_APP:
        signal.signal(number, signal.SIG_IGN)
    killed_by, code = _wait_for(child)
    if killed_by:
        wards.end_all()
        restore_terminal(before)
        _say(f"ecrtui was ended by signal {killed_by} ({signal.strsignal(killed_by)}); the terminal is as it was.\n")
    return code


def restore_terminal(attributes: list[Any] | None) -> None:
    """Give the terminal its attributes and modes back, without ever waiting for it."""
    try:
        if sys.__stdin__ is not None and attributes is not None:
            termios.tcsetattr(sys.__stdin__.fileno(), termios.TCSANOW, attributes)
            termios.tcflush(sys.__stdin__.fileno(), termios.TCIOFLUSH)  # what was not yet drawn, reports of the mouse
    except (OSError, termios.error):
        pass  # the terminal is gone: there is nothing to restore
    _say(RESTORE)


def _say(text: str) -> None:
    """Write to the terminal as much as it takes now."""
    if sys.__stderr__ is None:
        return
    descriptor = sys.__stderr__.fileno()
    try:
        os.set_blocking(descriptor, False)
        os.write(descriptor, text.encode())
    except OSError:
        pass  # it is gone, or takes nothing
    finally:
        os.set_blocking(descriptor, True)  # the shell has it too


def _wait_for(child: int) -> tuple[int, int]:
    """By which signal the app was killed (0: by none), and the exit code."""
    while True:
        pid, status = os.waitpid(child, os.WNOHANG | os.WUNTRACED)
        if pid and os.WIFSTOPPED(status):
            os.kill(os.getpid(), signal.SIGSTOP)  # the shell waits for us alone
            _go_on(child)
        elif pid and os.WIFSIGNALED(status):
            return os.WTERMSIG(status), 128 + os.WTERMSIG(status)
        elif pid:
            return 0, os.WEXITSTATUS(status)
        else:
            _pass_on(child, signal.sigwait(_WAITED_FOR))


def _pass_on(child: int, number: int) -> None:
    if number in _ENDING or (number == signal.SIGTSTP and not _does(child, os.WSTOPPED)):
        os.kill(child, number)


def _go_on(child: int) -> None:
    if not _does(child, os.WCONTINUED):
        os.kill(child, signal.SIGCONT)


def _does(child: int, change: int) -> bool:
    """Whether the app does this by itself, since the signal was meant for both: it should do it once."""
    end = time.monotonic() + _TOGETHER
    while time.monotonic() < end:
        if os.waitid(os.P_PID, child, change | os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return True
        time.sleep(0.005)
    return False


def _hang_up_with(parent: int) -> None:
    """End the app, in order, when its parent is killed; `parent` is a pipe of which it holds the other end."""
    os.read(parent, 1)
    os.kill(os.getpid(), signal.SIGHUP)
