"""
Run as a script: tell the warden this process group, then become the given program. Standard library only, any Python 3.

    python launch.py PIPE PROGRAM ARGUMENT...
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    pipe, argv = int(sys.argv[1]), sys.argv[2:]
    os.write(pipe, b"+%d\n" % os.getpgid(0))
    os.close(pipe)
    try:
        os.execvp(argv[0], argv)  # noqa: S606 (the very purpose)
    except OSError as wrong:
        sys.stderr.write(f"{argv[0]} cannot be started: {wrong.strerror}\n")
        sys.exit(127)


if __name__ == "__main__":
    main()
