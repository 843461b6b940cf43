"""Code actions: cures as edits, and the pieces of a new page; no page of the manual."""
