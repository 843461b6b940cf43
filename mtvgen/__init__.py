"""Make a web project of Models, Templates and Views, and run it.

This file imports nothing: every `import mtvgen.runtime` of a production process runs it.
"""

__version__ = "0.1.0"

# Where the manual is on the web, once it is there; pyproject.toml reads it from here.
MANUAL_URL = ""
MANUAL = f"The manual: mtvgen docs, {MANUAL_URL}".removesuffix(", ")
