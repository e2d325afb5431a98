"""The service: an HTTP API over runs, their storage, and the workers that train them."""
