"""What the alert-bridge reads, hears and sends outside of its own handlers."""
