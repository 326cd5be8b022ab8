import os

from hypothesis import settings

# How long an example takes says more about the machine than about us; and CI judges a change, not its luck.
settings.register_profile("ours", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("ours")
