"""What grading costs, measured: see bench.py."""
