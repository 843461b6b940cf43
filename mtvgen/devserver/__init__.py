"""The development server: it runs only while you develop."""
