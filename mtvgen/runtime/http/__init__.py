"""The standards of HTTP on plain values; no page of the manual, as no project imports them."""
