"""The product: its command line, and all of its services in one process."""
