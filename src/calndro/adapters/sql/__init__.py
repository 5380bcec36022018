"""
Storage in SQL databases: SQLite, PostgreSQL and MariaDB, by SQLAlchemy Core.
"""
