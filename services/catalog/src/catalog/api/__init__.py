"""The HTTP face of the catalog, one noun a file."""
