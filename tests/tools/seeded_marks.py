"""Make each mistake of tests/checks/seeded_site/, and say what is found of it.

python tests/tools/seeded_marks.py                the rate of each kind
python tests/tools/seeded_marks.py "models"       of the kinds with that text, with each report
python tests/tools/seeded_marks.py --write        and mark each as found or missed
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from mtvgen.checks.cache import Cache
from mtvgen.checks.run import check_project
from tests.checks.seeded_site import (
    DIRECTORY,
    is_reported,
    read_mistakes,
    with_mistake,
    write_site,
)


def main(arguments: list[str]) -> None:
    only = [argument for argument in arguments if argument != "--write"]
    found, made = {}, Counter()
    mistakes = read_mistakes()
    with tempfile.TemporaryDirectory() as directory:
        root, cache = Path(directory).resolve() / "library", Cache()
        write_site(root)
        for mistake in sorted(mistakes, key=lambda each: (each.file.endswith(".py"), each.file)):
            if only and not any(text in mistake.kind for text in only):
                continue
            report = with_mistake(mistake, root, partial(check_project, root, cache))
            found[mistake] = is_reported(mistake, report)
            made[mistake.kind] += 1
            if only:
                print("found " if found[mistake] else "MISSED", mistake)
                print("".join(f"       {problem}\n" for problem in report.problems), end="")
    for kind, count in made.items():
        told = sum(is_found for mistake, is_found in found.items() if mistake.kind == kind)
        print(f"{kind:35} {told:3} of {count:3}, {told / count:.0%}")
    print(f"{sum(found.values())} of {len(found)}, {sum(found.values()) / len(found):.0%}")
    if "--write" in arguments:
        marks = [found.get(mistake, mistake.is_found) for mistake in mistakes]
        for path in sorted(DIRECTORY.glob("seeds-*.txt")):
            path.write_text(marked(path.read_text("utf-8"), marks), "utf-8")


def marked(text: str, marks: list[bool]) -> str:
    """A file of mistakes with the marks of the first, which are taken from the list."""

    def head(match: re.Match[str]) -> str:
        line = match[0].removesuffix(" missed")
        return line if marks.pop(0) else f"{line} missed"

    return re.sub(r"(?m)^[\w/.]+\.\w+(?: newcomer)?(?: missed)?(?=\n- )", head, text)


if __name__ == "__main__":
    main(sys.argv[1:])
