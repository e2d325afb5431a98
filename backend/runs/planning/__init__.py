"""Cost estimates of a configuration or a sweep before it is started."""
