"""Imported for its effect, before nbformat: makes our own processes start two seconds sooner.

jsonschema's optional check of internationalised addresses builds a parser for them when it is imported,
2 CPU seconds in every process (`python -X importtime -c "import nbformat"`), for a format that notebooks
do not use.  None in sys.modules is Python's own way to say that a module is not there.
"""

import sys

sys.modules.setdefault("rfc3987_syntax", None)
