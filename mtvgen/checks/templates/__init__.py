"""Templates by themselves: found, parsed, and what is wrong whatever a view passes."""
