"""Documents and projects that are open, and facts about each; no page of the manual."""
