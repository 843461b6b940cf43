"""Forms: a class that reads, checks, shows and saves what somebody fills in (docs/forms.md).

Nothing of it is loaded by `import mtvgen.runtime`; a file with a form says

    from mtvgen.runtime.forms import Form, Mistakes, least, pattern, rows

Public: what `__all__` lists. A field of a form is an annotation of its class, whose type and
extras are in field_types.py and extras.py.
"""

from mtvgen.runtime.forms.errors import FormError
from mtvgen.runtime.forms.extras import (
    accept,
    column,
    hint,
    least,
    most,
    password,
    pattern,
    rows,
    textarea,
)
from mtvgen.runtime.forms.fields import Field, Option, Options
from mtvgen.runtime.forms.filled import Filled
from mtvgen.runtime.forms.form import Form, Mistakes

__all__ = [
    "Field",
    "Filled",
    "Form",
    "FormError",
    "Mistakes",
    "Option",
    "Options",
    "accept",
    "column",
    "hint",
    "least",
    "most",
    "password",
    "pattern",
    "rows",
    "textarea",
]
