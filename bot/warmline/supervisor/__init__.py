"""
Keeps a few processes alive on one machine, and leaves none behind.

Each child leads its own session and process group, so that Ctrl-C in a terminal reaches the supervisor alone, which
then stops them in order. Should the supervisor itself be killed without a chance to do so, the *warden* does it: a tiny
process that holds the reading end of a pipe whose writing end only the supervisor has. Each child writes its process
group into that pipe before it becomes the program it is to run (:mod:`warmline.supervisor.launch`), so there is no
moment at which a child runs unknown. When the pipe ends, whatever is still listed is terminated, then killed. Unlike
``PR_SET_PDEATHSIG`` this reaches grandchildren too, gives a child time to finish, and is not bound to Linux.
"""

from warmline.supervisor.forward import Door, free_port
from warmline.supervisor.logfile import LogFile
from warmline.supervisor.process import Launch, Process, Warden, run_to_end
from warmline.supervisor.reports import AllReady, Down, GaveUp, Ready, Report, Said, Started, Stopped, Stopping
from warmline.supervisor.supervise import Spec, StartFailed, Supervisor

__all__ = [
    "AllReady",
    "Door",
    "Down",
    "GaveUp",
    "Launch",
    "LogFile",
    "Process",
    "Ready",
    "Report",
    "Said",
    "Spec",
    "StartFailed",
    "Started",
    "Stopped",
    "Stopping",
    "Supervisor",
    "Warden",
    "free_port",
    "run_to_end",
]
