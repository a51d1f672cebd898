"""What the catalog does when it is asked, one noun a file."""
