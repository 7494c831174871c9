"""What the tests share: the assignment, and whether this machine can isolate."""

import pytest
from repository import ROOT

from autograder import messages
from autograder.solutions import Assignment


@pytest.fixture(scope="session")
def assignment():
    """The assignment `optimizers`."""
    return Assignment("optimizers", ROOT / "solutions")


@pytest.fixture(autouse=True)
def english():
    """Each test starts with no language set, and leaves none behind."""
    messages.set_language(None)
    yield
    messages.set_language(None)
