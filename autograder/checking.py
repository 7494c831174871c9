"""`with check("adam-first-step", Adam) as c:` — a test that says what was wrong, and which mistake it is.

The body of the block is an ordinary test.  Whatever goes wrong in it, a comparison of `c` or an
exception of the student's own code, comes out as one `CheckFailed` whose text a student can act on.
"""

import re
import traceback
import warnings
from contextlib import ExitStack, redirect_stdout
from io import StringIO

import numpy as np

from autograder import diagnosis, expectations, gradients, messages
from autograder.messages import _
from autograder.probes import observed, same_values
from autograder.stopped import Stopped

#: A relative difference that rounding to float32 (6e-8) makes in a few steps, and hardly any wrong formula does.
FLOAT32 = 1e-6

#: A message with a student's own text in it is cut; one of ours is shorter, a named mistake included.
MESSAGE_CHARS, FACTS_CHARS = 8_000, 2_000

#: What official grading sets besides: {exercise: the source of the student's cell}.
sources = {}

#: What official grading sets; None: the numbers in the file beside the notebook.
current = None


class CheckFailed(AssertionError):
    """A check that did not pass; its text is for the student.

    mistake: the catalogue's id of the recognised mistake, or None; little: whether numbers are nearly right.
    """

    def __init__(self, message, mistake=None, little=False):
        super().__init__(message if len(message) <= MESSAGE_CHARS else f"{message[:MESSAGE_CHARS]} …")
        self.mistake, self.little = mistake, little

    def _render_traceback_(self):
        """What IPython shows: the text alone, without the way through this package."""
        return str(self).splitlines()


class Unproved(CheckFailed):
    """A numerical test that passed although the values are not right: the earlier functions may have seen to it."""


class check:
    """The context of one test.

    grade_id: "exercise-property", for example "adam-first-step".
    implementation: the class or function under test; uses: the student's earlier functions that it may call, in
    the order of the exercise's entry in USES.
    Raises CheckFailed from the end of the block when the test did not pass.  It passes with a note where the
    code is a valid convention that is not the course's, and where it is right but for an earlier function.
    """

    def __init__(self, grade_id, implementation, *uses):
        self.grade_id = grade_id
        self.exercise = grade_id.partition("-")[0]
        self.implementation, self.uses = implementation, uses

    def __enter__(self):
        self.expected = current or expectations.find()
        if messages.current() is None:
            messages.set_language(self.expected.language)
        # nbgrader takes anything on stderr for a failure; a warning of NumPy is none.
        self._cases, self._asked = set(), gradients.asked
        self._quiet = ExitStack()
        self._quiet.enter_context(warnings.catch_warnings(action="ignore"))
        self._quiet.enter_context(np.errstate(all="ignore"))
        return self

    def run(self, name):
        """The run called `name` of an optimizer's probe, with what is expected after each step."""
        return self.expected.probe(self.exercise).runs[name]

    def case(self, name):
        """The case called `name` of a function's probe, with what is expected of it."""
        self._cases.add(name)
        return self.expected.probe(self.exercise).cases[name]

    def rng(self, number=0):
        """A fresh numpy Generator for a function that draws; the same for the same number."""
        return self.expected.probe(self.exercise).rng(number)

    def result(self, case, value, tolerance):
        """Compare what a call returned with what `case` expects: how many results, then each as in `close`."""
        if len(case.outputs) == 1 and isinstance(value, tuple):
            raise CheckFailed(_("Your code returned {got} values, expected one: {name}.",
                                got=len(value), name=next(iter(case.outputs))))
        parts = self.parts(value, *case.outputs) if len(case.outputs) > 1 else [value]
        for name, part in zip(case.outputs, parts, strict=True):
            self.close(name, part, case.expected[name], tolerance, when=case.when)

    @staticmethod
    def parts(value, *names):
        """`value` as a tuple of as many results as there are `names`, or CheckFailed."""
        if isinstance(value, np.ndarray) and value.shape == (len(names),):     # numbers that unpack as a tuple does
            return tuple(value)
        if isinstance(value, (tuple, list)) and len(value) == len(names):
            return tuple(value)
        wanted = ", ".join(names)
        if value is None:
            raise CheckFailed(_("Your code returned None, expected {names}: is a return missing?", names=wanted))
        if not isinstance(value, (tuple, list)):
            raise CheckFailed(_("Your code returned one value of type {kind}, expected {count} values: {names}.",
                                kind=_kind(value), count=len(names), names=wanted))
        raise CheckFailed(_("Your code returned {got} values, expected {count}: {names}.",
                            got=len(value), count=len(names), names=wanted))

    @staticmethod
    def numbers(name, got, shape):
        """`got` as a float64 array of the expected shape with finite entries, or CheckFailed."""
        if got is None:
            raise CheckFailed(_("{name} is None: is a return missing?", name=name))
        kind = _kind(got)
        try:
            got = np.asarray(got)
        except ValueError:
            raise CheckFailed(_("{name} is not an array: its rows have different lengths.",
                                name=name)) from None
        if got.dtype.kind not in "biufc":
            raise CheckFailed(_("{name} is of type {kind}, expected numbers.",
                                name=name, kind=kind if got.dtype == object else got.dtype))
        if got.shape != shape:
            raise CheckFailed(_("{name} has shape {got}, expected {expected}.",
                                name=name, got=got.shape, expected=shape))
        if got.dtype != np.float64 and got.ndim:
            raise CheckFailed(_("{name} has dtype {got}, expected float64: was precision lost on the way?",
                                name=name, got=got.dtype))
        bad = ~np.isfinite(got)
        if bad.any():
            where = tuple(int(i) for i in np.argwhere(bad)[0])
            if not where:
                raise CheckFailed(_("{name} is {value}: was something divided by zero, or did it overflow?",
                                    name=name, value=got[where]))
            raise CheckFailed(_("{name} is {value} at index {index}: was something divided by zero, or did "
                                "it overflow?", name=name, value=got[where], index=where))
        return got

    def close(self, name, got, expected, tolerance, when=""):
        """Compare numbers or arrays: kind, shape, dtype, finiteness, then every value.

        An entry passes when |got - expected| <= tolerance * max(1, |expected|).  Dicts are compared
        key by key.  when: what a message says after the name, `case.when` or `step.when`.
        """
        if isinstance(expected, dict):
            self._close_dicts(name, got, expected, tolerance, when)
            return
        name = _at(name, when)
        expected = np.asarray(expected, dtype=np.float64)
        got = self.numbers(name, got, expected.shape)
        wrong = ~(np.abs(got - expected) <= tolerance * np.maximum(1.0, np.abs(expected)))
        if wrong.any():
            size = np.where(wrong, np.abs(got - expected) / np.maximum(1.0, np.abs(expected)), -1.0)
            worst = np.unravel_index(np.argmax(size), size.shape)
            digits = next((d for d in (10, 13) if f"{got[worst]:.{d}g}" != f"{expected[worst]:.{d}g}"), 17)
            fields = dict(name=name, got=f"{got[worst]:.{digits}g}", expected=f"{expected[worst]:.{digits}g}")
            if expected.ndim == 0:
                raise CheckFailed(_("{name} is {got}, expected {expected}.", **fields))
            said = _("{name} is wrong in {count} of {size} entries; the largest difference is at index {index}: "
                     "got {got}, expected {expected}.", count=int(wrong.sum()), size=wrong.size,
                     index=tuple(map(int, worst)), **fields)
            raise CheckFailed(said, little=bool(size[worst] < FLOAT32))

    def unchanged(self, name, value, original):
        """Fail if the student's code changed the argument `value`, an array or a dict of arrays like `original`."""
        now = observed(self.implementation, value)
        if isinstance(original, dict):
            for key in original:
                if key not in now or not same_values(now[key], original[key]):
                    raise CheckFailed(_("Your code changed its argument {name}; it must stay as it was.",
                                        name=f"{name}[{key!r}]"))
        if not same_values(now, original):
            raise CheckFailed(_("Your code changed its argument {name}; it must stay as it was.", name=name))

    @staticmethod
    def differs(name, first, second):
        """Fail if two results that should have been drawn anew are equal."""
        if np.array_equal(first, second):
            raise CheckFailed(_("{name} is the same twice; it should be drawn anew at each call.", name=name))

    def __exit__(self, kind, error, _traceback):
        with self._quiet:
            return self._verdict(error)

    def _verdict(self, error):
        """Let the test pass, or raise CheckFailed with what there is to say."""
        if isinstance(error, Stopped) or not isinstance(error, Exception | None) or (error is None and not self.uses):
            return False
        kind = getattr(error, "type_name", type(error).__name__)
        if kind == "NotImplementedError" and not self.uses:
            raise CheckFailed(self._unanswered({})) from None
        with redirect_stdout(StringIO()):        # what the student prints belongs to the test, not to the diagnosis
            earlier = self._wrong_earlier()
            if error is None and not earlier and not self._to_be_proved():
                return False
            signature = self._signature(self.exercise, self.implementation, *self.uses)
        if error is None and not earlier:        # a numerical gradient has been compared with
            if self._right_values(signature):
                return False
            raise Unproved(_("{id}: your code agrees with a numerical gradient of the functions above, but its "
                             "values are not right: do those answer differently when a gradient is asked for?",
                             id=self.grade_id)) from None
        if earlier and diagnosis.same(signature, self.expected.reference(self.exercise)):
            if error is None:
                return False
            print(_("Accepted: this function is right. The test fails because of {names} above.",
                    names=", ".join(earlier)))
            return True
        variant = self._variant(signature, earlier)
        if variant is not None and variant.kind != diagnosis.MISTAKE:
            print(diagnosis.explain(variant))
            return True
        unanswered = kind == "NotImplementedError"
        if unanswered:
            text = self._unanswered(earlier)
        elif error is None:                      # two wrong functions agree with each other: that proves nothing
            text = _("{id}: your code agrees with {names} above, which does not pass its own checks: mend that first.",
                     id=self.grade_id, names=", ".join(earlier))
        else:
            facts = str(error) if isinstance(error, CheckFailed) else _raised(kind, error, self.implementation, earlier)
            facts = facts if len(facts) <= FACTS_CHARS else f"{facts[:FACTS_CHARS]} …"
            text = f"{self.grade_id}: {facts}"
            if earlier:
                text += "\n" + _("This test needs {names} too, which does not pass its own checks: mend that first.",
                                 names=", ".join(earlier))
        pair = None if variant is not None or unanswered else self._pair(signature, earlier)
        if variant is not None:
            text += "\n\n" + diagnosis.explain(variant)
        elif pair is not None:
            text += "\n\n" + diagnosis.explain_pair(pair)
        elif getattr(error, "little", False):
            text += "\n" + _("The difference is very small: is one of your arrays float32, or did you add a small "
                             "number such as 1e-8 where none belongs?")
        raise CheckFailed(text, variant.id if variant else pair.ids[-1] if pair else None) from None

    def _signature(self, exercise, implementation, *uses):
        """What an implementation does on the probe; a student's process is asked once until a cell runs in it."""
        memo, key = getattr(getattr(implementation, "_student", None), "memo", None), (exercise, id(self.expected))
        if memo is None:
            memo = {}
        if key not in memo:
            memo[key] = self.expected.probe(exercise).observe(implementation, *uses)
        return memo[key]

    def _unanswered(self, earlier):
        """What to say of a test that met a NotImplementedError."""
        return _("{id}: not answered yet.", id=self.grade_id) + "\n" + (
            _("Either this function or {names} above, which it may call, still raises NotImplementedError().",
              names=", ".join(earlier)) if earlier else
            _("Replace raise NotImplementedError() in the cell above with your code, and run that cell."))

    def _wrong_earlier(self):
        """{exercise: the Variant that it is, or None} of the earlier functions that are not right."""
        wrong = {}
        for exercise, implementation in zip(self.expected.uses(self.exercise), self.uses, strict=False):
            signature = self._signature(exercise, implementation)
            variant = diagnosis.name(signature, self.expected.variants(exercise))
            if not (diagnosis.same(signature, self.expected.reference(exercise))
                    or (variant and variant.kind == diagnosis.CONVENTION)):
                wrong[exercise] = variant
        return wrong

    def _to_be_proved(self):
        """Whether functions that live in a student's process, where they can agree on anything, were compared."""
        return hasattr(self.implementation, "_student") and gradients.asked > self._asked and self._cases

    def _right_values(self, signature):
        """Whether the results are right in the cases that this test speaks of."""
        probe, right = self.expected.probe(self.exercise), self.expected.reference(self.exercise)
        return all(np.allclose(probe.values(signature, name), probe.values(right, name), rtol=1e-4, atol=1e-6)
                   for name in self._cases)

    def _variant(self, signature, earlier):
        """The catalogued variant that the implementation is, on the whole probe of the exercise."""
        known = self.expected.variants(self.exercise)
        hands_over = getattr(self.expected.probe(self.exercise), "hands_over", False)
        made = {variant.id for exercise, variant in earlier.items() if variant is not None
                and (hands_over or calls(self.implementation, self.exercise, exercise))}
        inherited = [v for v in known if v.kind == diagnosis.INHERITED and v.id in made]
        own = [v for v in known if v.kind != diagnosis.INHERITED]
        return diagnosis.name(signature, inherited) or diagnosis.name(signature, own)

    def _pair(self, signature, earlier):
        """The two catalogued mistakes that are made at once, one of them perhaps in an earlier function."""
        made = {variant.id for variant in earlier.values() if variant is not None}
        known = [pair for pair in self.expected.pairs(self.exercise)
                 if pair.ids[0].startswith(f"{self.exercise}/") or pair.ids[0] in made]
        return diagnosis.name_pair(signature, known)

    def _close_dicts(self, name, got, expected, tolerance, when):
        if not isinstance(got, dict):
            raise CheckFailed(_("{name} is of type {kind}, expected a dict of arrays.",
                                name=_at(name, when), kind=_kind(got)))
        if got.keys() != expected.keys():
            raise CheckFailed(_("{name} has the keys {got}, expected {expected}.", name=_at(name, when),
                                got=sorted(map(str, got)), expected=sorted(expected)))
        for key in expected:
            entry = f"{name}[{key!r}]"
            if not isinstance(got[key], np.ndarray):
                raise CheckFailed(_("{name} is of type {kind}, expected an array.",
                                    name=entry, kind=_kind(got[key])))
            self.close(entry, got[key], expected[key], tolerance, when)


def calls(implementation, exercise, name):
    """Whether the student's answer to `exercise` speaks of the function `name`."""
    if exercise in sources:
        return re.search(rf"\b{name}\b", sources[exercise]) is not None
    return name in _names(getattr(implementation, "__code__", None))


def _names(code):
    """The names in a code object and in the functions within it."""
    inner = [name for const in getattr(code, "co_consts", ()) for name in _names(const)]
    return [*getattr(code, "co_names", ()), *inner]


def _kind(value):
    """The type of a value for a message; of a stand-in's, in official grading, that of what it stands for."""
    label = getattr(value, "_label", None) if type(value).__name__ == "RemoteObject" else None
    return label or type(value).__name__


def _at(name, when):
    """`name` with where in the test that was, in the language in force."""
    return _("{entry} {when}", entry=name, when=when) if when else name


def _raised(kind, error, implementation, earlier):
    """What to say of an exception that came out of a test: whose code raised it, and in which line."""
    message = getattr(error, "message", str(error))
    place = _students_line(error, implementation)
    if place is None and kind == "TypeError" and "argument" in message:
        return _("The test could not call your code: {message}. Leave the line that begins with def as it was given.",
                 message=message)
    if place is None and earlier:
        return _("The test could not go on: {kind}: {message}.", kind=kind, message=message)
    if place is None:
        return _("The test could not go on: {kind}: {message}. Run the first cell of the notebook again, then "
                 "your own; does each name still mean what it did?", kind=kind, message=message)
    said = _("Your code raised {kind}: {message}", kind=kind, message=message) + "\n" + _(
        "It happened in line {line} of your cell: {code}", line=place[0], code=place[1])
    if kind == "NameError":
        said += "\n" + _("Does your code use a variable of the notebook where it should use its arguments?")
    return said


def _students_line(error, implementation):
    """(number, text) of the innermost line of the student's own on the way to `error`; None if there is none.

    A stand-in's error brings the text of its traceback.  In a kernel the student's lines are those of the
    cell that defines `implementation`.
    """
    if hasattr(error, "type_name"):
        found = re.findall(r'^File "[^"]*", line (\d+).*\n?\s*(.*)$', error.traceback, re.MULTILINE)
        return found[-1] if found else None
    functions = [implementation, *getattr(implementation, "__dict__", {}).values()]
    files = {function.__code__.co_filename for function in functions if hasattr(function, "__code__")}
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in files]
    return (frames[-1].lineno, frames[-1].line or "?") if frames else None
