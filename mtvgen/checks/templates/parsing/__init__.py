"""From the text of a template to its tokens and its tree, even where it is half-typed."""
