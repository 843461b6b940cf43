"""Templates run abstractly: where each value comes from, and what is done with it."""
