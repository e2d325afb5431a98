"""Pages, one a module."""
