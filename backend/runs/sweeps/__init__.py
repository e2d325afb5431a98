"""Sweeps: groups of runs over a grid of settings."""
