"""The names of one template, read off its tree; and which templates lead to which."""
