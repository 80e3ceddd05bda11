"""What setup/test runs, and how it counts."""
