"""Measured points of a run: storage in chunks, downsampled curves, sparklines."""
