"""Pages of the development server itself, as the browser sees them."""
