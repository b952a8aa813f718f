"""Work that lets others go first where there are not processors enough for all, and yet is done.

A process that works for tens of milliseconds at a time holds up one that is woken for a moment, however low its
priority: Linux lets it finish its turn first, and knows only by the next tick of the clock, up to 4 ms later, that it
has. A turn that is asked to be long is broken off for whoever wants a shorter one.
"""

import os
import platform
import struct
from pathlib import Path

_NICENESS = 10
"""Enough to be passed over, and not so much that a machine whose processors are all busy leaves the work undone."""

_TURN_NANOSECONDS = 100_000_000
"""The longest turn that Linux allows."""

_GROUP = Path("/proc/self/autogroup")
"""Where Linux keeps the priority of a session as a whole, beside which those in the session count for nothing."""

_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274, "riscv64": 274}
"""The number of the system call, by machine; from Linux's tables of them."""

_ATTRIBUTES = struct.Struct("=IIQiIQQQ")
"""Size, policy, flags, niceness, priority, and the nanoseconds of a turn, of a deadline and of a period: sched(7)."""


def give_way() -> None:
    """Have this process, the first of its session, let all others go first, as far as the system can be told to."""
    if not hasattr(os, "nice"):
        return
    niceness = os.nice(_NICENESS)
    try:
        _GROUP.write_text(str(niceness))
    except OSError:
        """The system does not go by sessions."""
    if platform.system() == "Linux":
        _ask_for_long_turns(niceness)


def _ask_for_long_turns(niceness: int) -> None:
    """Ask Linux for turns that it may break off; before 6.12 it takes no notice."""
    call = _SCHED_SETATTR.get(platform.machine())
    if call is None or os.sched_getscheduler(0) != os.SCHED_OTHER:
        return
    import ctypes  # noqa: PLC0415  (takes 5 ms, and only here)

    asked = _ATTRIBUTES.pack(_ATTRIBUTES.size, os.SCHED_OTHER, 0, niceness, 0, _TURN_NANOSECONDS, 0, 0)
    ctypes.CDLL(None).syscall(call, 0, asked, 0)
