"""Make a web project of Models, Templates and Views, and run it.

This file imports nothing: every `import mtvgen.runtime` of a production process runs it.
"""

__version__ = "0.1.0"
