"""sms-gateway: a self-hosted text line an office can own."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("sms-gateway")
except PackageNotFoundError:  # run from a bare checkout
    __version__ = "0+unknown"
