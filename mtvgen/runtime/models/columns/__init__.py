"""Values of columns: moments in time, texts with a limit, and how mistakes are named."""
