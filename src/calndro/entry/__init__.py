"""
The ways in: settings, wiring, and the front ends.
"""
