"""Additions to a project that is there already: new files, and edits of the user's own."""
