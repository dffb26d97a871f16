"""
Starts bridges and engines by fork, after everything slow was imported once: a kill -9 every second needs a start of
milliseconds. Each child is a process of its own, with its own loop, sockets and store.

A line of JSON on standard input, ``{"kind": "bridge", "env": {...}, "log": "path"}``, is answered by its process id.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def child(order: dict[str, object]) -> None:
    """Become what *order* says; never returns."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(str(order["log"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(order["env"])  # type: ignore[arg-type, call-overload]
    code = 1
    try:
        if order["kind"] == "bridge":
            guard = os.environ.pop("FAULTS_WITHOUT", "")
            if guard:
                from tests.faults.unguarded import remove

                remove(guard)
            from warmline.cli.bridge_process import main

            main()
        else:
            from tests.faults.engine_process import main as engine_main

            engine_main(int(os.environ["FAULTS_ENGINE_PORT"]))
        code = 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    import tests.faults.engine_process  # noqa: F401
    from warmline.language import warm

    warm()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            child(order)
        print(pid, flush=True)


if __name__ == "__main__":
    main()
