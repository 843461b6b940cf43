"""What several rooms say in the same words; no page of the manual, because nobody calls it."""
