"""A long run: many texts both ways on troubled lines, in virtual time, judged epoch by epoch."""
