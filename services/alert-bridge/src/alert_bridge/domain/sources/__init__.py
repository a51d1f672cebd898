"""The sources that are read by a declaration of how they write an alert."""
