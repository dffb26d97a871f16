"""
Outlives the supervisor by a moment, to end what it left behind. See the package's docstring.

Run as a script (standard library only): ``python warden.py GRACE_S``, with the pipe as standard input. Lines are
``+GROUP`` and ``-GROUP``. At the pipe's end it terminates the groups still listed, kills them after GRACE_S seconds,
and exits.
"""

from __future__ import annotations

import os
import signal
import sys
import time


def listed(lines: list[bytes]) -> set[int]:
    """The process groups announced and not taken back; anything that is not a group of ours is left out."""
    groups: set[int] = set()
    for line in lines:
        sign, number = line[:1], line[1:]
        if not number.isdigit() or int(number) <= 1:
            continue
        if sign == b"+":
            groups.add(int(number))
        elif sign == b"-":
            groups.discard(int(number))
    return groups


def signal_group(group: int, number: int) -> bool:
    """Whether the group was still there to receive it."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    grace_s = float(sys.argv[1])
    left = {group for group in listed(sys.stdin.buffer.read().split(b"\n")) if signal_group(group, signal.SIGTERM)}
    until = time.monotonic() + grace_s
    while left and time.monotonic() < until:
        time.sleep(0.05)
        left = {group for group in left if signal_group(group, 0)}
    for group in left:
        signal_group(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
