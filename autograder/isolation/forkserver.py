"""Waits inside the walls with NumPy imported, and makes a fresh process for each student by forking itself.

Runs as a script under `python -I -S`. No student's code ever runs in it: a child takes a new process namespace, an
empty /tmp, limits, an unprivileged uid and the system-call filter before it hears of a student (lockdown.py), and
what one of them does dies with it.
"""

import gc
import importlib.util
import json
import os
import signal
import socket
import sys
from functools import partial

MESSAGE = 2**16
DESCRIPTORS = 5  # requests, replies, stdout, stderr, exit status


def load(name):
    """A neighbour of this file, without importing the package that it is in."""
    spec = importlib.util.spec_from_file_location(name, os.path.join(os.path.dirname(__file__), name + ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


lockdown = load("lockdown")


def main():
    """Says that it is ready, then serves until the grader's end of the socket closes."""
    setup = json.loads(sys.argv[1])
    control = socket.socket(fileno=setup["control"])
    sys.path += setup["path"]
    lockdown.close_all_but({0, 1, 2, control.fileno()})
    lockdown.prctl(lockdown.PR_SET_CHILD_SUBREAPER, 1)
    if not setup["bubblewrap"]:
        lockdown.prctl(lockdown.PR_SET_PDEATHSIG, 9)
    for name in setup["warm"]:
        importlib.import_module(name)
    serve = partial(load("student").serve, wire=load("wire"), cells=load("cells"))
    sys.argv[:] = [""]
    sys.path.insert(0, "")
    gc.collect()
    gc.freeze()  # or the first collection in a child would copy every page
    signal.signal(signal.SIGCHLD, _reap)
    control.send(b"{}")
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, MESSAGE, DESCRIPTORS)
        if not message:
            os._exit(0)
        config = {**setup, **json.loads(message)}
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            first = _between if config["bubblewrap"] else _monitor
            _guarded(first, config, control, descriptors, serve)
        for descriptor in descriptors:
            os.close(descriptor)


def _reap(*_):
    """Takes note of ended children; orphans of a process namespace come to us, too."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _guarded(function, config, control, *rest):
    """Runs one of the steps below and never returns; what goes wrong is told to the grader."""
    try:
        function(config, control, *rest)
    except BaseException as error:  # whatever it is, the server's own loop must not go on here
        control.send(json.dumps({"error": f"{type(error).__name__}: {error}"[:2000]}).encode())
    os._exit(1)


def _between(config, control, descriptors, serve):
    """The process between: its child is the first one of a new process namespace."""
    lockdown.new_namespaces()
    if os.fork() == 0:
        _guarded(_monitor, config, control, descriptors, serve)
    os._exit(0)


def _monitor(config, control, descriptors, serve):
    """Starts the student's process, waits for its end and tells it; with the monitor, everything ends."""
    lockdown.prctl(lockdown.PR_SET_DUMPABLE, 0)
    if not config["bubblewrap"]:
        lockdown.prctl(lockdown.PR_SET_PDEATHSIG, 9)
    status = descriptors[-1]
    pid = os.fork()
    if pid == 0:
        control.close()
        os.close(status)
        _student(config, descriptors[:-1], serve)
    handles = [os.pidfd_open(os.getpid()), os.pidfd_open(pid)]
    socket.send_fds(control, [b"{}"], handles)
    lockdown.close_all_but({0, 1, 2, status})
    os.write(status, b"%d" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    os._exit(0)


def _student(config, descriptors, serve):
    """The student's process: gives everything up, then serves. Errors go to its stderr."""
    code = 1
    try:
        requests, replies, out, err = descriptors
        os.dup2(out, 1)
        os.dup2(err, 2)
        lockdown.close_all_but({0, 1, 2, requests, replies})
        os.setsid()
        _first_to_go()
        status = open("/proc/self/status")  # noqa: SIM115  (read when /proc is hidden)
        work = "/tmp/work" if config["bubblewrap"] else config["work"]
        if config["bubblewrap"]:
            lockdown.own_tmp(4 * config["file"], config["kept"])
        lockdown.limit(config)
        lockdown.drop_privileges(config["uid"])
        if config["bubblewrap"]:
            os.mkdir(work)
            lockdown.limit_processes(config["processes"])
        else:
            lockdown.prctl(lockdown.PR_SET_PDEATHSIG, 9)
            lockdown.restrict(config["folders"], config["readable"], work)
        lockdown.filter_calls(bytes.fromhex(config["filter"]))
        lockdown.check(status)
        status.close()
        os.environ.update(HOME=work, TMPDIR=work, MPLCONFIGDIR=f"{work}/matplotlib")
        os.chdir(work)
        serve(requests, replies)
        code = 0
    except SystemExit as said:
        os.write(2, str(said).encode())
    except BaseException as error:  # of ours: the student's code is served inside, where all is caught
        os.write(2, f"{type(error).__name__}: {error}".encode())
    finally:
        os._exit(code)


def _first_to_go():
    """Where the machine's memory runs out, the student's process is the one to end."""
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:
        pass


if __name__ == "__main__":
    main()
