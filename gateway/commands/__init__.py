"""The commands, one file per noun; `gateway.cli` gathers them."""
