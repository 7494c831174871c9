"""The message catalogues are complete, compiled and used; a gap is named."""

import runpy
import shutil

import pytest
from repository import ROOT

from autograder import messages

catalogues = runpy.run_path(str(ROOT / "scripts" / "messages.py"))


def test_nothing_is_missing():
    assert list(catalogues["problems"]()) == []


@pytest.mark.parametrize(("old", "new", "complaint"), [
    ('msgstr "這不是筆記本。"', 'msgstr ""', "not translated: 'This is not a notebook.'"),
    ('msgstr "找不到 {name}。"', 'msgstr "找不到。"', "other fields than the English"),
    ('msgid "This is not a notebook."', 'msgid "This was a notebook."', "no longer used: 'This was a notebook.'"),
])
def test_a_gap_is_named(tmp_path, old, new, complaint):
    folder = tmp_path / "messages"
    shutil.copytree(catalogues["FOLDER"], folder)
    broken = catalogues["path"]("autograder", "zh-TW", folder=folder)
    text = broken.read_text()
    assert old in text
    broken.write_text(text.replace(old, new))
    said = "\n".join(catalogues["problems"](folder))
    assert complaint in said and "zh_TW/LC_MESSAGES/autograder.po: not compiled" in said


def test_languages():
    assert messages._("There is no {name}.", name="x") == "There is no x."
    with messages.using("zh-TW"):
        assert messages._("There is no {name}.", name="x") == "找不到 x。"
    with messages.using("zh-CN"):
        assert messages.mistake_text("no/such-mistake", "what") == "no/such-mistake"
    assert messages.language() == "en"
    with pytest.raises(ValueError, match="no language 'fr'"):
        messages.set_language("fr")
