"""Questions to a project that pages are added to."""
