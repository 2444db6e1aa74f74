"""The byte pipes: one file per way to reach a device."""
