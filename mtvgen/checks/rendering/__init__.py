"""Templates against the calls that render them: what they need, and what is passed."""
