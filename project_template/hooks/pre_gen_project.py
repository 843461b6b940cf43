"""Refuse a name that Python packaging refuses, before `cookiecutter` writes a file.

`mtvgen startproject` runs no hooks: it has refused such a name already.
"""

import re
import sys

NAME = {{ cookiecutter.project_name | jsonify }}

if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?", NAME):
    sys.exit(
        f"Error: {NAME!r} is not a project name: letters, digits, '-', '_' and '.', up to 64;"
        " the first and the last are a letter or a digit. -> project_name=mysite"
    )
