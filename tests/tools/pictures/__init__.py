"""The drawings of the manual: their words, and where things are in them."""
