"""SingleFlight ground of the backend: settings, errors, identity, limits, logging, text."""
