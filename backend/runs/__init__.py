"""Runs: create, read, change, control, queue, delete."""
