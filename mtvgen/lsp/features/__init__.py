"""Features of the server, one a file; no page of the manual."""
