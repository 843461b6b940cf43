"""What `runserver` prints."""
