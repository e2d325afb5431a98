"""Upkeep of a server: backup, restore, integrity check, telemetry."""
