"""The user's project, seen from the tool; no page of the manual, because no project imports it."""
