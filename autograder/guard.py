"""Around every command: what goes wrong is said in one sentence, with what, where and what to do.

Exit status: 1 something needs a person, 2 wrong usage, 130 stopped with Ctrl-C.
"""

import difflib
import errno
import functools

import click

_AGAIN = "then run the same command again."
_ROOM = f"Make room there, {_AGAIN}"
_RIGHTS = f"Get the right to read and write there, or name another folder, {_AGAIN}"
_DISK = f"See whether the disk or the network drive is sound, {_AGAIN}"
_IN_THE_WAY = f"Name another path, or move what is in the way, {_AGAIN}"
#: {errno: what to do about it}
ADVICE = {
    errno.ENOSPC: _ROOM, errno.EDQUOT: _ROOM, errno.EFBIG: _ROOM, errno.EROFS: _RIGHTS, errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS, errno.EIO: _DISK, errno.ESTALE: _DISK, errno.EEXIST: _IN_THE_WAY,
    errno.ENOTDIR: _IN_THE_WAY, errno.EISDIR: _IN_THE_WAY}


class WrongUsage(ValueError):
    """Something was named that is not there; the sentence names it and what comes closest."""


class Stopped(KeyboardInterrupt):
    """Ctrl-C, with a sentence about what was done until then."""


def guarded(command):
    """Turn what a command raises into one sentence and an exit status."""
    @functools.wraps(command)
    def inner(**options):
        try:
            return command(**options)
        except ModuleNotFoundError as error:
            raise click.ClickException(
                f"{error.name} is not installed: this command is for instructors. "
                "Install it with: pip install 'training-techniques[grading]'") from None
        except WrongUsage as error:
            raise click.UsageError(str(error)) from None
        except OSError as error:
            if error.errno == errno.EPIPE:      # of `| head`: click knows what to do
                raise
            raise click.ClickException(sentence(error, options.get("course") or options.get("to"))) from None
        except KeyboardInterrupt as error:
            click.echo(str(error) or "Stopped.", err=True)
            raise click.exceptions.Exit(130) from None
    return inner


def sentence(error, folder=None):
    """What, where and what to do about an OSError; `folder` is where the command writes, if the error does not say."""
    if error.errno is None:                     # one of ours: its text is such a sentence
        return str(error)
    where = error.filename or folder
    return f"{error.strerror}{f': {where}' if where else ''}. {ADVICE.get(error.errno, f'Mend that, {_AGAIN}')}"


def closest(name, known):
    """“ Is it a, b or c?”, of those in `known` that are most like `name`; empty where none is."""
    found = difflib.get_close_matches(name, sorted(known), n=3)
    if not found:
        return ""
    return f" Did you mean {' or '.join([', '.join(found[:-1]), found[-1]] if len(found) > 1 else found)}?"


def require_known(students, known, what):
    """Raise WrongUsage for those of `students` who are not in `known`: they have no `what`."""
    known = set(known)
    missing = [f"{student} has no {what}.{closest(student, known)}"
               for student in students if student not in known]
    if missing:
        raise WrongUsage(" ".join(missing))
