"""
Only type-checked, never run: each adapter assigned to the port it serves.
"""
