"""What goes in and out of the API, the services and the live feed: a file a feature, named as its service."""
