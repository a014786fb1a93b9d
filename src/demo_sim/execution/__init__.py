"""A function mapped over items on this machine: by threads, or by processes beside this one.

The room knows nothing of what the function does.
"""
