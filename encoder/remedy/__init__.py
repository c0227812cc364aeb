"""What would have stopped a schedule: small changes around its steps, each decided anew."""
