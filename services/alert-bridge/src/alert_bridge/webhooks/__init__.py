"""The webhooks: who posts is verified as the source says, and what is posted is taken in."""
