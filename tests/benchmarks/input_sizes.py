"""How long each parser takes for n, 2n and 4n characters of what it likes least.

    python tests/benchmarks/input_sizes.py
    python tests/benchmarks/input_sizes.py password session

The cases are those of tests/runtime/security/test_threats_time.py, which judges them.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout, when this is the script

from tests.benchmarks.timing import table
from tests.support.development_input_sizes import DEVELOPMENT_INPUTS
from tests.support.input_sizes import INPUTS, times


def main() -> int:
    words = _options().words
    inputs = [*INPUTS, *DEVELOPMENT_INPUTS]
    chosen = [one for one in inputs if not words or any(word in one.name for word in words)]
    rows = []
    for case in chosen:
        taken = times(case)
        milliseconds = [f"{seconds * 1000:.2f}" for seconds in taken]
        ratio = f"{taken[-1] / max(taken[0], 1e-6):.1f}"
        rows.append([case.name, f"{case.largest // 4:,}", *milliseconds, ratio])
    print(table(["", "n", "n, ms", "2n, ms", "4n, ms", "4n / n"], rows))
    print("in proportion is 4, the square is 16")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("words", nargs="*", help="only the cases with one of these in their name")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
