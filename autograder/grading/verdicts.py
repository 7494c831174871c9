"""What became of one test, in words that feedback and report share."""

from autograder.messages import _, using


def exercise_of(grade_id):
    """The exercise that the test `grade_id` belongs to: "adam" of "adam-first-step"."""
    return grade_id.partition("-")[0]


def unanswered(cell, language):
    """Whether a result's cell failed because its exercise still is as it was handed out."""
    if not cell["message"]:
        return False
    with using(language):
        # Word for word what autograder.checking says; a test holds the two together.
        return cell["message"].startswith(_("{id}: not answered yet.", id=cell["grade_id"]))


def verdict(cell, language):
    """"passed", "partly", "failed" or "unanswered"."""
    score, max_score = cell["score"] or 0, cell["max_score"] or 0
    if score >= max_score:
        return "passed"
    if unanswered(cell, language):
        return "unanswered"
    return "partly" if score > 0 else "failed"


def word(verdict):
    """A verdict with its sign, for people: never by colour alone."""
    return {"passed": _("✓ passed"), "partly": _("◐ partly passed"), "failed": _("✗ not passed"),
            "unanswered": _("○ not answered")}[verdict]


def status_word(status):
    """The status of a whole submission for people."""
    return {"graded": _("graded"), "stopped": _("stopped"), "unreadable": _("unreadable"),
            "failed": _("not graded")}.get(status, status)
