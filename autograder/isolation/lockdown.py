"""What a process gives up before the student's code comes; both the fork server and its children use this file.

It runs inside, loaded by its path: it imports nothing of the package, and nothing but the standard library.
"""

import ctypes
import errno
import os
import resource
import struct
import sys

CLONE_NEWNS, CLONE_NEWPID = 0x00020000, 0x20000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 1 << 12, 1 << 14, 1 << 18
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 36, 38
INODES = 20_000  # of /tmp: empty files cost memory that its size does not count

# Landlock (landlock(7)): what an ABI version can restrict, as bits of file system access.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
READ_FILE, READ_DIR = 1 << 2, 1 << 3
FS_BITS = {3: 15, 4: 15}  # from version 5 on: 16
NEEDED_ABI = 3  # before it, truncating a file was free

libc = ctypes.CDLL(None, use_errno=True)


def call(name, *arguments):
    """A function of libc's; raises OSError where it fails."""
    result = getattr(libc, name)(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def prctl(what, value):
    """One prctl(2) with one argument."""
    call("prctl", what, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))


def new_namespaces():
    """The caller's next child is the first process of its own process namespace, with mounts of its own."""
    call("unshare", CLONE_NEWPID | CLONE_NEWNS)
    call("mount", b"none", b"/", None, ctypes.c_ulong(MS_REC | MS_PRIVATE), None)


def own_tmp(size, kept):
    """A /tmp of so many bytes with nothing but the folders `kept`; nothing to be seen in /proc and /dev/pts."""
    safe = MS_NOSUID | MS_NODEV
    descriptors = [os.open(folder, os.O_PATH) for folder in kept]  # before they are covered
    _tmpfs(b"/tmp", safe, f"size={size},nr_inodes={INODES},mode=1777")
    for folder, descriptor in zip(kept, descriptors, strict=True):
        os.makedirs(folder, 0o755)
        source = f"/proc/self/fd/{descriptor}".encode()
        call("mount", source, folder.encode(), None, ctypes.c_ulong(MS_BIND | MS_REC), None)
        os.close(descriptor)
    for hidden in (b"/proc", b"/dev/pts"):
        _tmpfs(hidden, safe | MS_NOEXEC | MS_RDONLY, "size=4096,mode=555")


def _tmpfs(target, flags, options):
    call("mount", b"tmpfs", target, b"tmpfs", ctypes.c_ulong(flags), options.encode())


def close_all_but(keep):
    """Closes every other descriptor."""
    keep = sorted({-1, *keep})
    for low, high in zip(keep, [*keep[1:], 2**20], strict=True):
        if low + 1 < high:  # an empty range that ends at 0 would close all
            os.closerange(low + 1, high)


def limit(config):
    """The limits of one process; the one on processes is for later, it counts per user."""
    for what, soft, hard in (
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_MSGQUEUE, 0, 0),
        (resource.RLIMIT_FSIZE, config["file"], config["file"]),
        (resource.RLIMIT_NOFILE, config["files"], config["files"]),
        (resource.RLIMIT_CPU, config["cpu"], config["cpu"] + 2),
        (resource.RLIMIT_AS, config["memory"], config["memory"]),
    ):
        resource.setrlimit(what, (soft, hard))


def drop_privileges(uid):
    """An unprivileged uid if there is one to take, and no capability."""
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        try:
            os.setresuid(0, 0, 0)
        except PermissionError:
            pass
        else:
            sys.exit("root could be regained")
    header, none = struct.pack("Ii", 0x20080522, 0), bytes(24)
    call("capset", header, none)
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def limit_processes(count):
    """The limit on processes, shown to bind."""
    resource.setrlimit(resource.RLIMIT_NPROC, (1, count))
    try:
        if os.fork() == 0:
            os._exit(0)
    except BlockingIOError:
        resource.setrlimit(resource.RLIMIT_NPROC, (count, count))
    else:
        sys.exit("the limit on processes does not bind")  # as for the machine's root, or on an odd kernel


def filter_calls(program):
    """The system-call filter, in the kernel's own form."""
    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))

    what = Program(len(program) // 8, program)
    call("prctl", PR_SET_SECCOMP, ctypes.c_ulong(2), ctypes.byref(what), ctypes.c_ulong(0), ctypes.c_ulong(0))


def check(status):
    """Ends the process unless everything above has taken; status: /proc/self/status, opened before it was hidden."""
    status.seek(0)
    found = dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)
    if int(found["CapEff"], 16) or int(found["CapPrm"], 16) or found["NoNewPrivs"] != "1":
        sys.exit("privileges are left")
    if found["Seccomp"] != "2":
        sys.exit("no system-call filter")
    try:
        os.close(os.open("/etc/passwd", os.O_RDONLY))
    except (FileNotFoundError, PermissionError):
        pass
    else:
        sys.exit("the machine's files can be read")


# Without bubblewrap.


def landlock_abi():
    """The version of Landlock that the kernel offers; 0 if none."""
    return max(0, libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1))


def restrict(folders, files, work):
    """Landlock: nothing may be read but `folders` and `files`, nothing written but in `work`."""
    abi = landlock_abi()
    if abi < NEEDED_ABI:
        raise OSError(errno.ENOSYS, f"Landlock version {NEEDED_ABI} is needed (Linux 6.2), found {abi}")
    everything = (1 << FS_BITS.get(abi, 16)) - 1
    network = 3 if abi >= 4 else 0  # to bind and to connect
    scoped = 3 if abi >= 6 else 0  # abstract sockets and signals
    attributes = struct.pack("QQQ", everything, network, scoped)[: 8 if abi < 4 else 16 if abi < 6 else 24]
    rules = call("syscall", CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    for access, paths in ((READ_FILE | READ_DIR, folders), (READ_FILE, files), (everything, [work])):
        for path in paths:
            parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
            allowed = access & ~READ_DIR if path in files else access
            call("syscall", ADD_RULE, rules, 1, struct.pack("=Qi", allowed, parent), 0)
            os.close(parent)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    call("syscall", RESTRICT_SELF, rules, 0)
    os.close(rules)
