"""Pages of the dashboard: Dash on the backend's FastAPI application."""
