"""What a generated project imports."""
