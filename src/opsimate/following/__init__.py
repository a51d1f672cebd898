"""Following a run: its events, and the screens that show them."""
