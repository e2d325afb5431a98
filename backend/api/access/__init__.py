"""Access control around every route: the ASGI middleware, role rules by route, and security headers."""
