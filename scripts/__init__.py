"""Scripts that developers run by hand."""
