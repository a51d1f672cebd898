"""What the scheduler does about commands and events, and about what is due."""
