"""The checker's side of one student's process."""

import math
import secrets
import time
from collections.abc import Mapping

import numpy as np

from . import generators, together, wire
from .channel import Channel
from .memory import Memory
from .outcome import (
    Limits,
    MissingAttribute,
    Output,
    StudentDied,
    StudentError,
    clean,
)
from .sandbox import START_SECONDS, Sandbox
from .standin import RemoteMethod, RemoteObject

MAX_NESTING = 16
DEFAULT_LIMITS = Limits()


class Student:
    """One sandboxed process in which a student's code runs, and the way to what it defines.

    ``files`` are put into its private working folder. ``in_place`` says which arguments a call may change,
    as ``{"update": {"params": 0}}``: function or method name, then parameter name and position.
    ``walls`` are "bubblewrap" or "landlock"; None takes the better one that this machine has.
    ``until``, which may be set anew, is the moment on the clock of time.monotonic at which calls have had their time.
    Use it in one thread, which must live as long: the kernel ends the sandbox with the thread that made it.
    Never pickled, never shared; raises StudentDied from the moment in which a limit or the protocol breaks.
    """

    def __init__(
        self,
        limits: Limits = DEFAULT_LIMITS,
        files: Mapping[str, bytes] = {},
        in_place: Mapping[str, Mapping[str, int]] = {},
        walls: str | None = None,
    ):
        for name in files:
            if not name or "/" in name or name in (".", "..") or "\0" in name:
                raise ValueError(f"not a plain file name: {name!r}")
        self.limits, self._in_place, self.until = limits, in_place, math.inf
        self.memo = {}  # the checker's, of what calls gave; forgotten whenever a cell runs
        self._others = 0  # how often something was sent that is no value
        self._memory, self._released, self._callables = Memory(), [], []
        self.noted = self.deferred = self.answers = None  # together.py: calls made, to be made, and answered
        self.reply_size = 1  # bytes of the last one
        self._methods = set()  # (class, name) of what is known to be called
        self._dead, self._deadline, self._nesting, self._callbacks = None, None, 0, 0
        self._sandbox = Sandbox(limits, walls)
        self._channel = Channel(self._sandbox, limits)
        try:
            content = {name: np.frombuffer(data, np.uint8) for name, data in files.items()}
            self._request("start", args=(content,), seconds=START_SECONDS)
        except StudentDied as error:
            said = self._channel.captured["stderr"].text(2000).strip() or error.sentence
            raise self._sandbox.server.refused(said) from None
        except StudentError:  # a file too large for the limits
            self.close()
            raise

    # What the checker uses.

    def run(self, source: str, name: str = "cell") -> Output:
        """Runs one cell of the student's notebook."""
        self._channel.fresh_output()
        self.memo.clear()
        error = None
        try:
            self._request("run", args=(source, name))
        except StudentError as raised:
            error = raised
        out, err = (self._channel.captured[s].text(self.limits.output_chars) for s in ("stdout", "stderr"))
        return Output(out, err, error)

    def stand_in(self, name: str):
        """A stand-in for a global of the student's; plain data comes as plain data, a copy."""
        return self._request("name", args=(name,), label=name)

    def find(self, name: str):
        """The stand-in for a global of the student's; None where there is none."""
        try:
            return self.stand_in(name)
        except StudentError as error:
            if error.type_name == "NameError":
                return None
            raise

    def observed(self, obj):
        """What the student's code left in an earlier argument (a copy); obj itself if unchanged."""
        return self._memory.observed(obj)

    @property
    def alive(self) -> bool:
        """Whether calls are still possible."""
        return self._dead is None

    def close(self) -> None:
        """Ends the process and everything that it started."""
        self._end(StudentDied("closed", "The student's process was closed."))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # What stand-ins use.

    def _call(self, remote, args, kwargs, method=None):
        name = method or remote._name
        allowed = [
            args[index] if index < len(args) else kwargs.get(parameter)
            for parameter, index in self._in_place.get(name, {}).items()
        ]
        if self.deferred is not None:
            self.deferred.append((remote, method, args, kwargs))
            raise together.Deferred
        if self.answers is not None and (answer := next(self.answers, None)) is not None:
            if isinstance(answer[0], StudentError):
                raise answer[0]
            return answer[0]
        others = self._others
        result = self._request("call", remote, args, kwargs, allowed=allowed, of=method)
        if self.noted is not None:
            self.noted.append(not allowed and others == self._others)
        return result

    def call_all(self, calls):
        """The results of calls, (object, method or None, args, kwargs) each, as [value or StudentError]."""
        targets = [[self._own(remote)[1], method] for remote, method, _args, _kwargs in calls]
        values = [[list(args), dict(kwargs)] for _remote, _method, args, kwargs in calls]
        seconds = min(self.limits.call_seconds * len(calls), 3600.0)
        results = self._request("calls", args=values, seconds=seconds, of=targets)
        try:
            if len(results) != len(calls):
                raise ValueError
            return [[value] if ok is True else [_error(*value)] for ok, value in results]
        except (TypeError, ValueError, AttributeError):
            self._end(StudentDied("protocol", "The answers were not understood."))
            raise StudentDied("protocol", "The answers were not understood.") from None

    def evaluate(self, f, points):
        """[f(x) for x in points], for a function f of the checker's that calls the student's code."""
        return together.evaluate(self, f, points)

    def _get(self, remote, name):
        kind = remote._label, name  # what is a method of one object is one of all objects of the class
        if kind in self._methods:
            return RemoteMethod(remote, name)
        found = self._fetch(remote, name)
        if type(found) is RemoteObject and found._label == "method":
            self._methods.add(kind)
        return found

    def _fetch(self, remote, name):
        try:
            return self._request("get", remote, (name,), label=name)
        except StudentError as error:
            if error.type_name == "AttributeError":
                raise MissingAttribute(error.type_name, error.message, error.traceback) from None
            raise

    def _set(self, remote, name, value):
        self._request("set", remote, (name, value))

    # The protocol.

    def _end(self, died):
        if self._dead is None:
            self._dead = died
        self._sandbox.kill()

    def _request(self, do, target=None, args=(), kwargs: Mapping = {}, *, label="", allowed=(), seconds=None,
                 of=None):
        """One request and its reply, with the callbacks in between.

        of: the target's method to call, None for the target itself; for "calls" [target, method] of each.
        """
        if self._dead:
            raise StudentDied(self._dead.reason, self._dead.sentence)
        encoder = wire.Encoder(self._encode_other)
        header = {"n": secrets.token_hex(8), "do": do, "target": target and self._own(target)[1], "of": of}
        header["args"], header["kwargs"] = encoder.value(list(args)), encoder.value(dict(kwargs))
        nodes = tuple(encoder.nodes)
        header["generators"] = encoder.value(self._memory.generators_to_send())
        header["forget"], self._memory.forgotten = self._memory.forgotten, []
        header["release"], self._released = self._released, []
        outer = self._deadline
        deadline = min(time.monotonic() + (seconds or self.limits.call_seconds), self.until)
        self._deadline = min(deadline, outer) if outer else deadline
        self._callbacks = self._callbacks if outer else 0
        self._nesting += 1
        try:
            self._channel.send(wire.pack(header, encoder.buffers), self._deadline)
            while True:
                reply, body = self._receive(header["n"])
                if "callback" not in reply:
                    break
                self._serve_callback(header["n"], reply, body)
            self._channel.drain()
            self.reply_size = max(1, len(body))
            result, error, changed = self._decode_reply(reply, body, label, len(nodes))
        except BaseException as reason:  # whatever it was, the two sides no longer agree on what comes next
            broken_off = StudentDied("closed", "The check was broken off.")
            self._end(reason if isinstance(reason, StudentDied) else broken_off)
            raise
        finally:
            self._deadline = outer
            self._nesting -= 1
        self._memory.remember(nodes, changed, allowed)
        if error:
            raise error
        return result

    def _receive(self, nonce):
        header, body = self._channel.receive(self._deadline)
        if header.get("n") != nonce:
            raise StudentDied("protocol", "The answer belongs to no question.")
        return header, body

    def _decode_reply(self, reply, body, label, nodes):
        """(result, error, {index of a changed node: its new value}); the generators are advanced."""
        decoder = wire.Decoder(body, lambda item: self._decode_other(item, label))
        try:
            result, error = None, None
            if "error" in reply:
                error = _error(*reply["error"])
            else:
                result = decoder.value(reply["ok"])
            changed = {}
            for index, item in reply["changed"]:
                if type(index) is not int or not 0 <= index < nodes:
                    raise wire.WireError("no such argument")
                changed[index] = decoder.value(item)
            states = decoder.value(reply["generators"])
            decoder.finish()
            self._memory.advance_generators(states)
        except Exception as reason:  # any surprise in decoding is the sender's doing
            raise StudentDied("protocol", f"The answer was not understood ({reason}).") from reason
        return result, error, changed

    def _serve_callback(self, nonce, reply, body):
        """Calls a function that was passed to the student's code."""
        self._callbacks += 1
        if self._callbacks > self.limits.callbacks or self._nesting > MAX_NESTING:
            raise StudentDied("protocol", "The code called the function that it was given too often.")
        decoder = wire.Decoder(body, self._decode_other)
        try:
            function = self._callables[reply["callback"]]
            args, kwargs = decoder.value(reply["args"]), decoder.value(reply["kwargs"])
            decoder.finish()
            if type(reply["callback"]) is not int or type(args) is not list or type(kwargs) is not dict:
                raise wire.WireError("not a call")
        except Exception as reason:
            raise StudentDied("protocol", f"A call back was not understood ({reason}).") from reason
        encoder = wire.Encoder(self._encode_other)
        try:
            answer = {"result": encoder.value(function(*args, **kwargs))}
        except StudentDied:
            raise
        except Exception as error:  # it belongs to the student's code, which called
            encoder, answer = wire.Encoder(), {"raised": [type(error).__name__, str(error)[:2000]]}
        self._channel.send(wire.pack({"n": nonce, **answer}, encoder.buffers), self._deadline)

    def _own(self, remote):
        if type(remote) is not RemoteObject or remote._student is not self:
            raise TypeError("a stand-in of another student's process")
        return ["h", remote._id]

    def _encode_other(self, x):
        self._others += 1
        if isinstance(x, RemoteMethod):
            x = x._fetched()
        if isinstance(x, RemoteObject):
            return self._own(x)
        if isinstance(x, generators.KINDS):
            bits = generators.get_state(x)["bit_generator"]
            kind = "RandomState" if isinstance(x, np.random.RandomState) else "Generator"
            return ["g", self._memory.generator_key(x), kind, bits]
        if callable(x):
            self._callables.append(x)
            return ["f", len(self._callables) - 1]
        raise TypeError(f"cannot be sent to the student's process: {type(x).__name__}")

    def _decode_other(self, item, label=""):
        if item[0] == "f" and type(item[1]) is int and 0 <= item[1] < len(self._callables):
            return self._callables[item[1]]
        tag, number, text = item
        if tag != "h" or type(number) is not int or type(text) is not str:
            raise wire.WireError("not a value")
        return RemoteObject(self, number, clean(text, 60), label)


def _error(kind, message, traceback):
    return StudentError(clean(kind, 80), clean(message, 4000), clean(traceback, 8000))
