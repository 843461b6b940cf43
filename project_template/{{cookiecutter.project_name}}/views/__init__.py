"""Views handle requests: a function takes the request and returns the response."""
