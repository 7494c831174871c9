"""The system calls that a student's process may not make."""

import errno
import functools
import tempfile

from .outcome import IsolationUnavailable

# The memory of memfd, System V and message queues would escape the limit on address space.
DENIED = """
    ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd
    mount umount2 pivot_root chroot move_mount open_tree fsopen fsconfig fsmount fspick mount_setattr
    open_by_handle_at name_to_handle_at fanotify_init quotactl acct
    unshare setns bpf perf_event_open userfaultfd keyctl add_key request_key
    memfd_create memfd_secret mq_open mq_unlink
    shmget shmat shmdt shmctl semget semop semtimedop semctl msgget msgsnd msgrcv msgctl
    flock
    io_uring_setup io_uring_enter io_uring_register
    kexec_load kexec_file_load init_module finit_module delete_module
    reboot swapon swapoff personality syslog vhangup ioperm iopl modify_ldt
    settimeofday clock_settime clock_adjtime adjtimex sethostname setdomainname
    socket
"""
# CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
NAMESPACES = 0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000
TIOCSTI, TIOCLINUX = 0x5412, 0x541C
# Commands of fcntl: locks, which two processes could speak through, and signals to whoever is named.
FCNTL = {"GETLK": 5, "SETLK": 6, "SETLKW": 7, "SETOWN": 8, "SETSIG": 10, "SETOWN_EX": 15,
         "OFD_GETLK": 36, "OFD_SETLK": 37, "OFD_SETLKW": 38}
# Calls younger than these are not looked through here; libc does without them.
YOUNG = range(424, 700)
KNOWN = {436: "close_range", 437: "openat2", 439: "faccessat2", 441: "epoll_pwait2", 449: "futex_waitv"}


# Where no namespaces keep a process from others of the same user, it must be alone and stay so.
ALONE = """
    fork vfork clone execve execveat
    kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo
    setpriority ioprio_set sched_setaffinity sched_setscheduler sched_setparam sched_setattr
    move_pages migrate_pages mbind
    chmod fchmod fchmodat chown fchown lchown fchownat
    setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr utime utimes utimensat futimesat
    inotify_init inotify_init1 inotify_add_watch
"""


@functools.cache
def program(alone: bool = False) -> bytes:
    """The filter as the kernel's BPF; calls by another architecture's numbers kill the caller.

    alone: for a process without namespaces of its own, which may start no other and reach no other.
    """
    try:
        import pyseccomp
    except (ImportError, OSError, RuntimeError) as error:
        raise IsolationUnavailable(
            f"The system-call filter cannot be made ({error}). "
            "Install the grading extra (pip install 'training-techniques[grading]') "
            "and libseccomp (Debian and Ubuntu: apt-get install libseccomp2)."
        ) from error
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    deny = pyseccomp.ERRNO(errno.EPERM)

    def rule(action, name, *arguments):
        try:
            rules.add_rule(action, name, *arguments)
        except (ValueError, OSError) as error:
            if getattr(error, "errno", errno.EINVAL) != errno.EINVAL:
                raise  # a name that this libseccomp does not know is a call it need not deny

    for name in DENIED.split():
        rule(deny, name)
    if alone:
        for name in ALONE.split():
            rule(deny, name)
    rule(deny, "prlimit64", pyseccomp.Arg(0, pyseccomp.NE, 0))  # another process' limits
    for command in FCNTL.values():
        rule(deny, "fcntl", pyseccomp.Arg(1, pyseccomp.MASKED_EQ, 0xFFFFFFFF, command))
    for number in YOUNG:
        if number not in KNOWN:
            rule(pyseccomp.ERRNO(errno.ENOSYS), number)
    for flag in () if alone else NAMESPACES:
        rule(deny, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
    # clone3, too, is one of the young: its flags lie in memory, where a filter cannot look; libc falls back to clone.
    for request in (TIOCSTI, TIOCLINUX):
        rule(deny, "ioctl", pyseccomp.Arg(1, pyseccomp.MASKED_EQ, 0xFFFFFFFF, request))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()
