"""HTTP/1.1 over sockets, strictly, and WSGI to the letter."""
