"""Stand-ins for the student's objects, which stay in the student's process."""

import re


class RemoteObject:
    """A stand-in: calling it, reading and setting its attributes goes across; nothing else does.

    It has no `__eq__`, `__len__`, `__array__` or `__iter__`, so that an answer of the student's never takes
    part in a comparison unless it crossed by value.
    """

    __slots__ = ("_id", "_label", "_name", "_student")

    def __init__(self, student, number: int, label: str, name: str = ""):
        for slot, value in zip(self.__slots__, (number, label, name, student), strict=True):
            object.__setattr__(self, slot, value)

    def __call__(self, *args, **kwargs):
        return self._student._call(self, args, kwargs)

    def __getattr__(self, name):
        return self._student._get(self, _public(name))

    def __setattr__(self, name, value):
        self._student._set(self, _public(name), value)

    def __delattr__(self, name):
        raise AttributeError("a stand-in's attributes cannot be deleted")

    def __repr__(self):
        label = re.sub(r"[^\w. ]", "?", self._label)
        return f"<the student's {self._name + ': ' if self._name else ''}{label}>"

    def __reduce__(self):
        raise TypeError("a stand-in cannot be copied or pickled")

    def __del__(self):
        student = getattr(self, "_student", None)
        if student is not None:
            student._released.append(self._id)


class RemoteMethod:
    """An attribute of a stand-in's that was called before: calling it again takes one way across, not two."""

    __slots__ = ("_name", "_of")

    def __init__(self, of, name: str):
        self._of, self._name = of, name

    def __call__(self, *args, **kwargs):
        return self._of._student._call(self._of, args, kwargs, method=self._name)

    def __getattr__(self, name):
        return getattr(self._fetched(), name)

    def __repr__(self):
        return repr(self._fetched())

    def __reduce__(self):
        raise TypeError("a stand-in cannot be copied or pickled")

    def _fetched(self):
        """The attribute itself, for all that is not a call."""
        return self._of._student._fetch(self._of, self._name)


def _public(name):
    if name.startswith("_"):
        raise AttributeError(f"{name}: a stand-in has only public attributes")
    return name
