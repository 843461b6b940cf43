"""What runs only while you develop."""
