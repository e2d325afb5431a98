"""Comparison of runs for its page: address, view as JSON, and the routes that serve it."""
