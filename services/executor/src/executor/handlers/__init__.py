"""What an executor does, however it is told to and whatever carries it out."""
