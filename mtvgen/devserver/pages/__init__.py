"""What the browser sees of the development server itself."""
