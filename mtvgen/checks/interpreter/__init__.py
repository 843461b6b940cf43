"""Templates run abstractly: where each value comes from, and what it is used for."""
