"""Thin routers under /api/v1: parse, call a service, answer."""
