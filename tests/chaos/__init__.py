"""The program under SIGKILL, counted: `python -m tests.chaos`."""
