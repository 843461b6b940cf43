"""Templates that lead to themselves: which they are, from the traceback of the RecursionError."""

from __future__ import annotations

from pathlib import Path
from traceback import walk_tb

# A list of lists may well include itself a few times before Python code of the project's fails.
_MANY_TIMES = 10


def circle_message(error: RecursionError, directory: Path) -> str:
    """Return the templates of a circle, each with the line that leads on.

    Empty if there is none.

    Args:
        error: As it left the outermost template.
        directory: Where the templates are.
    """
    lines = [
        (frame.f_code.co_filename, line)
        for frame, line in walk_tb(error.__traceback__)
        if Path(frame.f_code.co_filename).is_relative_to(directory)
    ]
    # The last frames may be those of a template on the way that only happened to be the last.
    first = next((line for line in lines if lines.count(line) >= _MANY_TIMES), None)
    if first is None:
        return ""
    start = lines.index(first)
    circle = lines[start : lines.index(first, start + 1)]
    places = [
        f"{directory.name}/{Path(file).relative_to(directory).as_posix()}:{line}"
        for file, line in dict.fromkeys(circle)
    ]
    way = " -> ".join([*places, places[0]])
    return (
        f"these templates go in a circle: {way}. "
        "-> take one of the lines out, or put an {% if %} around it that ends it"
    )
