"""Pages of the dashboard: Dash on the backend's FastAPI application."""

from dashboard import thin

# Before any module of the pages imports Dash.
thin.install()
