"""Which folder is whose: platforms' names of students to ids that every file system can hold."""

import json
import re
import unicodedata
from hashlib import sha256
from pathlib import Path

from autograder.grading.aside import replace

#: Room for a hash and for the longest name that file systems allow, 255 bytes.
MAX_BYTES = 80


class Roster:
    """{name as the platform writes it: id}, remembered in attempts/.students.json of the course.

    A name keeps its id for ever, and no two names ever get one id.
    """

    def __init__(self, course):
        self.course = Path(course)
        self.path = self.course / "attempts" / ".students.json"
        self.ids = json.loads(self.path.read_text(encoding="utf-8")) if self.path.is_file() else {}
        self.taken = {id.casefold() for id in self.ids.values()}     # folders may ignore case

    def id(self, name):
        """The id of the student called `name`, a new one where there is none yet."""
        name = unicodedata.normalize("NFC", name)
        if name not in self.ids:
            id = safe(name)
            digest = sha256(name.encode("utf-8", errors="surrogatepass")).hexdigest()
            length = 6
            if len(id.encode()) > MAX_BYTES:
                id = id.encode()[:MAX_BYTES].decode(errors="ignore")
                candidate = f"{id}-{digest[:length]}"
            else:
                candidate = id
            # A folder that came some other way belongs to the one whose name is exactly that.
            while candidate.casefold() in self.taken or (
                    candidate != name and (self.course / "submitted" / candidate).exists()):
                candidate = f"{id}-{digest[:length]}"
                length += 2
            self.ids[name] = candidate
            self.taken.add(candidate.casefold())
        return self.ids[name]

    def save(self):
        """Remember the ids given out."""
        text = json.dumps(self.ids, ensure_ascii=True, indent=1, sort_keys=True) + "\n"
        replace(self.path, text.encode())


def safe(name):
    """`name` with letters, digits and -_.@ only, no leading or trailing dot, never empty."""
    kept = []
    for character in unicodedata.normalize("NFC", name).strip():
        category = unicodedata.category(character)
        if category[0] in "LMN" or character in "-_.@":
            kept.append(character)
        elif category[0] != "C":
            kept.append("_" if character.isspace() else "-")
    text = re.sub(r"^[.\-]+", "_", "".join(kept)).rstrip(".")
    return text if text.strip("_") else "student"
