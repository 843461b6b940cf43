"""Forms and the database: limits of columns, rows to choose, saving; no page of the manual."""
