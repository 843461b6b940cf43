"""What a column takes and gives: moments in time, texts with a limit, and who is told."""
