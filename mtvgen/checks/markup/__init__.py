"""The HTML that templates write: elements, attributes and their values, each with its place."""
