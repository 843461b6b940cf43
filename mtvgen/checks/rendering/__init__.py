"""What templates need, against what the views pass."""
