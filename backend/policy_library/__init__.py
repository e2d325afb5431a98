"""Policy library: the tables that people bred, learned, edited or imported, each with its lineage."""
