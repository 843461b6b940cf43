"""Output of `runserver` in the terminal."""
