"""The supervisor: what is running, what changed, and who serves next."""
