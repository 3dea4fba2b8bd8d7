"""What stands behind a result: whether it still holds, where it came from, how it differs from another."""
