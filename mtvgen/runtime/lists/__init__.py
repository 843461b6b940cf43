"""Lists: rows page by page, searched, filtered, sorted and exported (docs/lists.md).

Nothing of it is loaded by `import mtvgen.runtime`; a file with a list says

    from mtvgen.runtime.lists import Listing, delete_row
"""

from mtvgen.runtime.lists.deleting import Need, delete_row
from mtvgen.runtime.lists.listing import Listing
from mtvgen.runtime.lists.page import Page
from mtvgen.runtime.lists.spreadsheet import csv_response

__all__ = ["Listing", "Need", "Page", "csv_response", "delete_row"]
