"""
One technology per file or folder, each matching a port by structure.
"""
