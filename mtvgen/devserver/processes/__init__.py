"""The processes of the server: how they begin, serve and end."""
