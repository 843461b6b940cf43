"""What a browser does with the pages: what it refuses, runs, can't find, or has to repair."""
