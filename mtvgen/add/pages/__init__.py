"""Pages for a model: a list, a page, forms, a question and a CSV file, generated as source."""
