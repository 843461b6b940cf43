"""Forms against the views that take them: what is sent, what is read, and what columns hold."""
