"""Shared base of the backend: settings, errors, identity, limits, logging, text."""
