"""Templates by themselves: found, parsed, and checked for what is wrong whatever a view passes."""
